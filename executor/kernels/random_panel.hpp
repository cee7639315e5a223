// Seeded weights by a counter: a weight is a hash of its column's key and its k, so that any thread can write any of
// them at the speed of memory. Static: each instruction set compiles its own copy, and all give the same bits.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

#include "executor/kernels/panel_kernels.hpp"

namespace plimsoll::executor {

// The hash "lowbias32" of C. Wellons, "Prospecting for hash functions" (2018).
[[maybe_unused]] static inline std::uint32_t scrambled(std::uint32_t x) {
  x = (x ^ (x >> 16U)) * 0x7feb352dU;
  x = (x ^ (x >> 15U)) * 0x846ca68bU;
  return x ^ (x >> 16U);
}

// Of weights 2 pair and 2 pair + 1 of a column: two numbers in [-2^15, 2^15), in the lower and the upper half.
[[maybe_unused]] static inline std::uint32_t random_pair(std::uint32_t key, std::uint32_t pair) {
  return scrambled(key + pair * 0x9e3779b9U);
}
[[maybe_unused]] static inline float lower_value(std::uint32_t pair, float scale) {
  return static_cast<float>(static_cast<std::int32_t>(pair << 16U) >> 16U) * scale;
}
[[maybe_unused]] static inline float upper_value(std::uint32_t pair, float scale) {
  return static_cast<float>(static_cast<std::int32_t>(pair) >> 16U) * scale;
}

// The upper half of a finite number rounded to bf16, the lower one still to be cut off.
[[maybe_unused]] static inline std::uint32_t rounded_bits(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  return bits + 0x7fffU + ((bits >> 16U) & 1U);
}

// Half a panel of packed_expert.hpp: 16 keys and scales. A column that does not exist has the scale 0.
[[maybe_unused]] static inline void fill_bf16(const std::uint32_t* keys, const float* scales, int depth, void* to) {
  auto* at = static_cast<std::uint32_t*>(to);
  for (int k = 0; k < depth; k += 2, at += half_columns) {
    const std::uint32_t kept = k + 1 < depth ? 0xffff0000U : 0U;
    for (int c = 0; c < half_columns; ++c) {
      const std::uint32_t pair = random_pair(keys[c], static_cast<std::uint32_t>(k) / 2);
      at[c] = rounded_bits(lower_value(pair, scales[c])) >> 16U | (rounded_bits(upper_value(pair, scales[c])) & kept);
    }
  }
}

[[maybe_unused]] static inline void fill_f32(const std::uint32_t* keys, const float* scales, int depth, void* to) {
  auto* at = static_cast<float*>(to);
  for (int k = 0; k < depth; k += 2, at += 2 * half_columns) {
    const bool whole = k + 1 < depth;
    for (int c = 0; c < half_columns; ++c) {
      const std::uint32_t pair = random_pair(keys[c], static_cast<std::uint32_t>(k) / 2);
      at[c] = lower_value(pair, scales[c]);
      if (whole) at[half_columns + c] = upper_value(pair, scales[c]);
    }
  }
}

using FillHalf = void (*)(const std::uint32_t* keys, const float* scales, int depth, void* to);
void fill_f32_avx2(const std::uint32_t* keys, const float* scales, int depth, void* to);
void fill_bf16_avx2(const std::uint32_t* keys, const float* scales, int depth, void* to);

}  // namespace plimsoll::executor
