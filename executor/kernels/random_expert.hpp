// Experts with seeded random weights: uniform, of mean 0 and variance 1 / (number of inputs), so that hidden vectors
// and outputs keep about the size of the input. A weight depends on (seed, layer, expert) and its place alone; its
// plain value is the same for every number type and instruction set.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "executor/kernels/packed_expert.hpp"

namespace plimsoll::executor {

struct PlainExpert {
  std::vector<float> gate, up, down;
  std::vector<float> gate_bias, up_bias, down_bias;
  [[nodiscard]] ExpertWeights weights() const { return {gate, up, down, gate_bias, up_bias, down_bias}; }
};

[[nodiscard]] PlainExpert random_expert(const ExpertShape& shape, std::uint64_t seed, int layer, int expert);

// The same expert, written as pack_expert would, at about the speed of memory.
void pack_random_expert(const ExpertShape& shape, NumberType type, Isa isa, std::uint64_t seed, int layer, int expert,
                        std::byte* to);

}  // namespace plimsoll::executor
