#include "executor/routing/router_logits.hpp"

#include <cstddef>

#include "plimsoll/error.hpp"

namespace plimsoll::executor {

RouterWeights::RouterWeights(int experts, int width, std::span<const float> weights, std::span<const float> bias)
    : experts_(experts), width_(width), turned_(weights.size()), bias_(bias.begin(), bias.end()) {
  const auto rows = static_cast<std::size_t>(experts);
  const auto columns = static_cast<std::size_t>(width);
  if (weights.size() != rows * columns || (!bias.empty() && bias.size() != rows)) {
    throw Error(ErrorCode::usage, "the weights of a router are not [experts][width], or its bias is not [experts]");
  }
  for (std::size_t expert = 0; expert < rows; ++expert) {
    for (std::size_t i = 0; i < columns; ++i) turned_[i * rows + expert] = weights[expert * columns + i];
  }
}

void RouterWeights::logits(std::span<const float> input, std::span<float> logits) const {
  const auto experts = static_cast<std::size_t>(experts_);
  const auto width = static_cast<std::size_t>(width_);
  for (std::size_t token = 0; token < input.size() / width; ++token) {
    const float* x = input.data() + token * width;
    float* sums = logits.data() + token * experts;
    for (std::size_t expert = 0; expert < experts; ++expert) sums[expert] = x[0] * turned_[expert];
    for (std::size_t i = 1; i < width; ++i) {
      const float* row = turned_.data() + i * experts;
      for (std::size_t expert = 0; expert < experts; ++expert) sums[expert] += x[i] * row[expert];
    }
    for (std::size_t expert = 0; expert < bias_.size(); ++expert) sums[expert] += bias_[expert];
  }
}

}  // namespace plimsoll::executor
