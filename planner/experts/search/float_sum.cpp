#include "planner/experts/search/float_sum.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>

namespace plimsoll::experts {
namespace {

constexpr std::size_t accumulators = 4;
constexpr std::size_t levels = 4;

// A vector of `Width` floats at a time.
template <std::size_t Width>
using Lanes = std::array<float, Width>;

template <std::size_t Width>
void add(Lanes<Width>& sum, const float* values) {
  for (std::size_t lane = 0; lane < Width; ++lane) sum[lane] += values[lane];
}

// cascade sum (multi_row_sum): accumulators spill into the next level after 2^power rows, so that the rounding error
// grows with the logarithm of the length.
template <std::size_t Width>
std::array<Lanes<Width>, accumulators> sum_rows(const float* values, std::size_t rows) {
  const std::size_t ceil_log2 = rows > 1 ? static_cast<std::size_t>(std::bit_width(rows - 1)) : 0;
  const std::size_t power = std::max<std::size_t>(4, ceil_log2 / levels);
  const std::size_t step = std::size_t{1} << power;
  std::array<std::array<Lanes<Width>, accumulators>, levels> level{};
  const auto add_row = [&](std::size_t row) {
    for (std::size_t k = 0; k < accumulators; ++k) add(level[0][k], values + (row * accumulators + k) * Width);
  };
  std::size_t row = 0;
  while (row + step <= rows) {
    for (std::size_t end = row + step; row < end; ++row) add_row(row);
    for (std::size_t j = 1; j < levels; ++j) {
      for (std::size_t k = 0; k < accumulators; ++k) {
        add(level[j][k], level[j - 1][k].data());
        level[j - 1][k] = {};
      }
      if ((row & ((step - 1) << (j * power))) != 0) break;
    }
  }
  for (; row < rows; ++row) add_row(row);
  for (std::size_t j = 1; j < levels; ++j) {
    for (std::size_t k = 0; k < accumulators; ++k) add(level[0][k], level[j][k].data());
  }
  return level[0];
}

// row_sum: `count` vectors.
template <std::size_t Width>
Lanes<Width> sum_vectors(const float* values, std::size_t count) {
  const std::size_t rows = count / accumulators;
  std::array<Lanes<Width>, accumulators> partial = sum_rows<Width>(values, rows);
  for (std::size_t k = rows * accumulators; k < count; ++k) add(partial[0], values + k * Width);
  for (std::size_t k = 1; k < accumulators; ++k) add(partial[0], partial[k].data());
  return partial[0];
}

}  // namespace

float float_sum(std::span<const float> values) {
  constexpr std::size_t width = 8;
  if (values.size() < width) return sum_vectors<1>(values.data(), values.size())[0];
  const std::size_t vectors = values.size() / width;
  const Lanes<width> lanes = sum_vectors<width>(values.data(), vectors);
  float sum = 0.0F;
  for (std::size_t k = vectors * width; k < values.size(); ++k) sum += values[k];
  for (const float lane : lanes) sum += lane;
  return sum;
}

}  // namespace plimsoll::experts
