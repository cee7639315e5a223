// A matrix times the rows of activations: the projections around attention. Weights lie in the panels of
// block_kernels.hpp, one column per output, and are multiplied by the same kernel: an output is one chain of sums over
// the inputs in ascending order, whatever the number of rows and threads.
#pragma once

#include <cstdint>
#include <span>

#include "executor/attention/block_kernels.hpp"
#include "executor/attention/scratch.hpp"
#include "executor/threads/memory.hpp"
#include "executor/threads/team.hpp"

namespace plimsoll::executor {

class Projection {
 public:
  // weights: [outputs][inputs]. Outputs are a multiple of 16, inputs of 16. Throws Error(input) otherwise.
  Projection(int outputs, int inputs, NumberType type, std::span<const float> weights, Team& team);
  // Seeded weights with variance 1 / inputs.
  static Projection random(int outputs, int inputs, NumberType type, std::uint64_t seed, Team& team);

  [[nodiscard]] int outputs() const { return outputs_; }
  [[nodiscard]] int inputs() const { return inputs_; }
  [[nodiscard]] std::int64_t bytes() const;

  // to[row][outputs] = weights * from[row][inputs]; bf16 weights round the inputs to bf16.
  void run(const BlockKernels& kernels, int rows, const float* from, float* to, Scratch& scratch, Team& team) const;

 private:
  Projection(int outputs, int inputs, NumberType type);

  int outputs_;
  int inputs_;
  NumberType type_;
  Memory panels_;
};

}  // namespace plimsoll::executor
