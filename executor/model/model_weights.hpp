// The weights of the layers of a run, in host memory: every expert packed once, routers, shared experts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "executor/kernels/expert_kernel.hpp"
#include "executor/model/model_shape.hpp"
#include "executor/routing/router_logits.hpp"
#include "executor/threads/memory.hpp"
#include "executor/threads/seats.hpp"

namespace plimsoll::executor {

class ModelWeights {
 public:
  // Seeded weights, made by all seats. Throws Error(memory) with the bytes where they do not fit.
  ModelWeights(const ModelShape& shape, int layers, Isa isa, std::uint64_t seed, Seats& seats);

  [[nodiscard]] const ModelShape& shape() const { return shape_; }
  [[nodiscard]] int layers() const { return layers_; }
  [[nodiscard]] std::size_t expert_bytes() const { return expert_bytes_; }
  [[nodiscard]] const std::byte* expert(int layer, int expert) const;
  [[nodiscard]] const RouterWeights& router(int layer) const { return routers_[static_cast<std::size_t>(layer)]; }
  [[nodiscard]] std::span<const float> selection_bias(int layer) const;

  // The shared experts of a layer as one wide expert; nullptr where the shape has none.
  [[nodiscard]] const std::byte* shared(int layer) const;
  [[nodiscard]] ExpertShape shared_shape() const;
  // [width] whose product with a token, through a sigmoid, weighs the shared output; empty where there is no gate.
  [[nodiscard]] std::span<const float> shared_gate(int layer) const;

 private:
  void pack(int layer, int expert, Isa isa, std::uint64_t seed);

  ModelShape shape_;
  int layers_;
  std::size_t expert_bytes_;
  std::size_t shared_bytes_ = 0;
  std::vector<Memory> experts_;  // [layers]
  std::vector<Memory> shared_;
  std::vector<RouterWeights> routers_;
  std::vector<std::vector<float>> selection_bias_;
  std::vector<std::vector<float>> shared_gate_;
};

}  // namespace plimsoll::executor
