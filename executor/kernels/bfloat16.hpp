// bfloat16: the upper half of an f32. Stored and moved as such; all arithmetic is done in f32.
#pragma once

#include <bit>
#include <cstdint>

namespace plimsoll::executor {

enum class bfloat16 : std::uint16_t {};

// Static, so that a file compiled for one instruction set never lends its copy to the others.
[[maybe_unused]] static inline float to_float(bfloat16 value) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(value) << 16U);
}

// To nearest, ties to even. A NaN stays a NaN: its payload may stand in the half that is cut off, so a bit is set.
[[maybe_unused]] static inline bfloat16 to_bfloat16(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  if ((bits & 0x7fffffffU) > 0x7f800000U) return static_cast<bfloat16>((bits >> 16U) | 0x40U);
  const std::uint32_t rounding = 0x7fffU + ((bits >> 16U) & 1U);
  return static_cast<bfloat16>((bits + rounding) >> 16U);
}

}  // namespace plimsoll::executor
