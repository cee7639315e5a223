// A matrix times the rows of activations: the projections around attention. Weights lie in the panels of
// packed_expert.hpp and are multiplied by the kernels of the experts (panel_kernels.hpp): an output is one chain of
// sums over the inputs in ascending order, whatever the number of rows and threads.
#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "executor/kernels/expert_shape.hpp"
#include "executor/kernels/isa.hpp"
#include "executor/kernels/scratch.hpp"
#include "executor/threads/memory.hpp"
#include "executor/threads/team.hpp"

namespace plimsoll::executor {

struct PanelKernels;

// One user at a time; serves projections of all sizes.
struct ProjectionScratch {
  Scratch operands;
  Scratch sums;  // [thread][panels_at_once][rows_at_once][32]
};

class Projection {
 public:
  // weights: [outputs][inputs]. Throws Error(input) where they are fewer or more, or where a size is below 1, and
  // Error(usage) for an instruction set that this processor lacks.
  Projection(int outputs, int inputs, NumberType type, Isa isa, std::span<const float> weights, Team& team);
  // The seeded weights of one output, with variance 1 / inputs, before they are rounded to the number type.
  static void random_row(std::uint64_t seed, int output, std::span<float> row);
  static Projection random(int outputs, int inputs, NumberType type, Isa isa, std::uint64_t seed, Team& team);

  [[nodiscard]] int outputs() const { return outputs_; }
  [[nodiscard]] int inputs() const { return inputs_; }
  // With the columns that fill the last panel.
  [[nodiscard]] std::int64_t bytes() const { return static_cast<std::int64_t>(panels_.size()); }

  // to[row][outputs] = weights * from[row][inputs]; bf16 weights round the inputs to bf16.
  void run(int rows, const float* from, float* to, ProjectionScratch& scratch, Team& team) const;

 private:
  Projection(int outputs, int inputs, NumberType type, Isa isa);
  // column_of(output, scratch of `inputs` numbers) gives a row of the weights; on the team.
  void pack(const std::function<const float*(int output, float* scratch)>& column_of, Team& team);
  [[nodiscard]] int panel_count() const;
  // Panels [panel, panel + panels) times packed rows; to: [rows][outputs].
  void multiply(int panel, int panels, const std::byte* operands, int rows, float* sums, float* to) const;

  int outputs_;
  int inputs_;
  NumberType type_;
  const PanelKernels* kernels_;
  Memory panels_;
};

}  // namespace plimsoll::executor
