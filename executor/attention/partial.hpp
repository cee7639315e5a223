// Softmax-weighted sums over some of the keys, not yet divided by the sum of the weights, for a few rows (query, head).
// Two of them over different keys are joined by BlockKernels::merge.
#pragma once

#include <cstddef>

namespace plimsoll::executor {

struct Partial {
  float* maximum = nullptr;  // [row]: of the scores
  float* sum = nullptr;      // [row]: of exp(score - maximum)
  float* output = nullptr;   // [row][head_size]: of exp(score - maximum) * value

  [[nodiscard]] Partial from_row(int row, int head_size) const {
    return {maximum + row, sum + row, output + static_cast<std::ptrdiff_t>(row) * head_size};
  }
  // In memory: output first, so that it is aligned.
  static std::size_t floats(int rows, int head_size) {
    const std::size_t count = static_cast<std::size_t>(rows) * (static_cast<std::size_t>(head_size) + 2);
    return (count + 15) / 16 * 16;
  }
  static Partial at(float* memory, int rows, int head_size) {
    float* behind = memory + static_cast<std::ptrdiff_t>(rows) * head_size;
    return {behind, behind + rows, memory};
  }
};

// Sums over no keys.
void clear(const Partial& partial, int rows, int head_size);

}  // namespace plimsoll::executor
