// Experts on a team of threads: their rows packed, then gate, up and activation fused, then down, each on panels of
// packed weights that the threads claim in chunks. Experts come in batches whose rows stay in the caches from one step
// to the next.
//
// Numbers: an output element depends on its row of the input and its expert alone; the same bits however tokens are
// divided among replicas, whatever else runs in the call, and for any number of threads (panel_kernels.hpp). For bf16
// the input and the hidden vector are rounded to bf16, sums are f32; biases are added to finished sums.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "executor/kernels/expert_shape.hpp"
#include "executor/kernels/isa.hpp"
#include "executor/kernels/packed_expert.hpp"
#include "executor/kernels/workspace.hpp"
#include "executor/telemetry/recorder.hpp"
#include "executor/threads/team.hpp"

namespace plimsoll::executor {

struct PanelKernels;

// The inner loops for one instruction set; the processor must have it.
[[nodiscard]] const PanelKernels& panel_kernels(NumberType type, Isa isa);

struct ReplicaWork {
  const std::byte* weights = nullptr;    // packed (pack_expert), aligned to packed_alignment
  std::span<const std::int32_t> tokens;  // rows of `input`
  std::span<const std::int32_t> parts;   // as many rows of the output, none of them twice in one call
};

// Where the threads of a call leave spans of their steps.
struct KernelLanes {
  std::span<Lane* const> threads;  // of the team
  SpanArguments arguments;
};

class ExpertKernel {
 public:
  // Throws Error(usage) for impossible sizes and for an instruction set that this processor lacks.
  ExpertKernel(const ExpertShape& shape, NumberType type, Isa isa);

  // parts[row][width] = expert(input[token][width]) for every token of every replica; not weighted. Allocates nothing
  // once the workspace is large enough (Workspace::reserve). Throws Error(usage) where tokens and parts differ in
  // number.
  void run(std::span<const ReplicaWork> work, const float* input, float* parts, Workspace& workspace, Team& team,
           const KernelLanes* lanes = nullptr) const;

  // What a call for so many rows (tokens of all replicas) and replicas needs.
  void reserve(Workspace& workspace, int rows, int replicas, int threads) const;

  [[nodiscard]] const ExpertShape& shape() const { return shape_; }
  [[nodiscard]] NumberType type() const { return type_; }
  [[nodiscard]] Isa isa() const { return isa_; }
  [[nodiscard]] const PackedLayout& layout() const { return layout_; }

 private:
  void plan(std::span<const ReplicaWork> work, Workspace& workspace, int threads) const;
  void pack(std::span<const ReplicaWork> work, const float* input, const Workspace::Chunk& chunk,
            Workspace& workspace) const;
  void hidden_panels(std::span<const ReplicaWork> work, const Workspace::Chunk& chunk, float* sums,
                     Workspace& workspace) const;
  void output_panels(std::span<const ReplicaWork> work, const Workspace::Chunk& chunk, float* parts, float* sums,
                     const Workspace& workspace) const;
  // body(chunk, thread) for chunks [begin, end).
  template <class Body>
  static void step(const char* name, const std::vector<Workspace::Chunk>& chunks, std::size_t begin, std::size_t end,
                   Workspace& workspace, Team& team, const KernelLanes* lanes, Body&& body);

  ExpertShape shape_;
  NumberType type_;
  Isa isa_;
  PackedLayout layout_;
  const PanelKernels* kernels_;
  std::size_t input_bytes_;   // of a row's operands
  std::size_t hidden_bytes_;  // of a row's hidden vector as operands
};

}  // namespace plimsoll::executor
