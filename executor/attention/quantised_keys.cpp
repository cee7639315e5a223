#include "executor/attention/quantised_keys.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <vector>

#include "executor/attention/layout.hpp"
#include "executor/attention/score_slack.hpp"
#include "executor/kernels/bfloat16.hpp"

namespace plimsoll::executor {
namespace {

constexpr float infinite = std::numeric_limits<float>::infinity();
constexpr float up = 1.0F + 0x1p-16F;

// The largest bf16 number that is not above. Finite arguments; may overflow to infinity.
float rounded_down(float value) {
  const bfloat16 nearest = to_bfloat16(value);
  if (to_float(nearest) <= value) return to_float(nearest);
  const auto bits = static_cast<std::uint16_t>(nearest);
  if ((bits & 0x7fffU) == 0) return to_float(static_cast<bfloat16>(0x8001U));
  return to_float(static_cast<bfloat16>((bits & 0x8000U) != 0 ? bits + 1U : bits - 1U));
}
float rounded_up(float value) { return -rounded_down(-value); }

std::size_t code_index(std::size_t size, std::size_t key, std::size_t d) {
  constexpr std::size_t order[4] = {0, 2, 1, 3};
  return ((key / 16 * (size / 4) + d / 4) * 16 + key % 16) * 4 + order[d % 4];
}

void store(std::byte* to, std::size_t d, float value) {
  const bfloat16 number = to_bfloat16(value);
  std::memcpy(to + d * sizeof number, &number, sizeof number);
}

float load(const std::byte* from, std::size_t d) {
  bfloat16 number;
  std::memcpy(&number, from + d * sizeof number, sizeof number);
  return to_float(number);
}

}  // namespace

void quantise_block(NumberType type, int size, const std::byte* index_keys, std::byte* to) {
  const auto dimensions = static_cast<std::size_t>(size);
  std::vector<float> keys(dimensions * block_keys);
  for (int j = 0; j < block_keys; ++j) {
    read_key(type, size, j, index_keys, &keys[static_cast<std::size_t>(j) * dimensions]);
  }
  std::vector<double> residual(block_keys, 0.0);  // squared
  double reach = 0;
  bool finite = true;
  for (std::size_t d = 0; d < dimensions; ++d) {
    float lowest = infinite;
    float highest = -infinite;
    for (std::size_t j = 0; j < block_keys; ++j) {
      finite = finite && std::isfinite(keys[j * dimensions + d]);
      lowest = std::min(lowest, keys[j * dimensions + d]);
      highest = std::max(highest, keys[j * dimensions + d]);
    }
    const float low = finite ? rounded_down(lowest) : 0;
    const float width = finite ? rounded_up((highest - low) / 255.0F * up) : 0;
    finite = finite && std::isfinite(low) && std::isfinite(width);
    for (std::size_t j = 0; j < block_keys; ++j) {
      double code = 0;
      if (finite && width > 0) {
        const double exact =
            (static_cast<double>(keys[j * dimensions + d]) - static_cast<double>(low)) / static_cast<double>(width);
        code = std::clamp(std::nearbyint(exact), 0.0, 255.0);
        residual[j] += (exact - code) * (exact - code);
      }
      to[code_index(dimensions, j, d)] = static_cast<std::byte>(static_cast<std::uint8_t>(code));
    }
    const double largest = std::max(std::fabs(static_cast<double>(low)),
                                    std::fabs(static_cast<double>(low) + 255.0 * static_cast<double>(width)));
    reach += largest * largest;
    store(to + quantised_low_offset(size), d, low);
    store(to + quantised_width_offset(size), d, width);
  }
  const double rho = std::sqrt(*std::max_element(residual.begin(), residual.end()));
  const QuantisedTail tail{finite ? static_cast<float>(rho) * up : infinite,
                           finite ? static_cast<float>(std::sqrt(reach)) * up : infinite};
  std::memcpy(to + quantised_tail_offset(size), &tail, sizeof tail);
}

void quantised_bounds_portable(const float* queries, const float* norms, int row_count, int size,
                               const std::byte* block, float* lower, float* upper, std::ptrdiff_t stride,
                               const std::byte* /*next*/) {
  const auto dimensions = static_cast<std::size_t>(size);
  QuantisedTail tail;
  std::memcpy(&tail, block + quantised_tail_offset(size), sizeof tail);
  for (int r = 0; r < row_count; ++r) {
    const float* query = queries + static_cast<std::size_t>(r) * dimensions;
    float scaled[256];
    float base = 0;
    float largest = 0;
    float sum = 0;
    float squares = 0;
    for (std::size_t d = 0; d < dimensions; ++d) {
      scaled[d] = query[d] * load(block + quantised_width_offset(size), d);
      base += query[d] * load(block + quantised_low_offset(size), d);
      largest = std::max(largest, std::fabs(scaled[d]));
      sum += std::fabs(scaled[d]);
      squares += scaled[d] * scaled[d];
    }
    const float step = largest / 32767.0F;
    const float error = quantised_error(size, tail, norms[r], sum, squares, step);
    if (!(error < infinite)) {
      lower[r * stride] = -infinite;
      upper[r * stride] = infinite;
      continue;
    }
    std::int32_t rounded[256] = {};
    for (std::size_t d = 0; d < dimensions && step > 0; ++d) {
      rounded[d] = static_cast<std::int32_t>(std::nearbyint(scaled[d] * (1.0F / step)));
      rounded[d] = std::clamp(rounded[d], -32767, 32767);
    }
    std::int32_t best = std::numeric_limits<std::int32_t>::min();
    for (std::size_t j = 0; j < block_keys; ++j) {
      std::int32_t product = 0;
      for (std::size_t d = 0; d < dimensions; ++d) {
        product += rounded[d] * static_cast<std::int32_t>(block[code_index(dimensions, j, d)]);
      }
      best = std::max(best, product);
    }
    const float score = base + step * static_cast<float>(best);
    lower[r * stride] = score - error;
    upper[r * stride] = score + error;
  }
}

QuantisedBounds quantised_bounds(Isa isa) {
  if (isa == Isa::avx512_bf16) return quantised_bounds_avx512;
  return isa == Isa::avx2 ? quantised_bounds_avx2 : quantised_bounds_portable;
}

}  // namespace plimsoll::executor
