// The activation, one element at a time, in the arithmetic of the portable kernels: every product and sum rounded.
#pragma once

#include <bit>
#include <cstdint>

namespace plimsoll::executor {

// exp(z) = 2^n exp(r), |r| <= ln(2) / 2, exp(r) by the polynomial of Cephes' expf: below 2 units in the last place.
// Beyond the range of f32 it gives infinity and 0; NaN stays. No branch, so that compilers make vectors of it.
[[maybe_unused]] static inline float exponential(float z) {
  const float range = z > 89.0F ? 89.0F : z < -104.0F ? -104.0F : z == z ? z : 0.0F;
  constexpr float shift = 12582912.0F;  // 1.5 * 2^23: adding it rounds to whole numbers
  const float n = (range * 1.44269504088896341F + shift) - shift;
  const float r = (range - n * 0.693359375F) - n * -2.12194440e-4F;
  float p = 1.9875691500E-4F;
  p = p * r + 1.3981999507E-3F;
  p = p * r + 8.3334519073E-3F;
  p = p * r + 4.1665795894E-2F;
  p = p * r + 1.6666665459E-1F;
  p = p * r + 5.0000001201E-1F;
  p = p * (r * r) + r + 1.0F;
  // 2^n in two factors: n reaches from -150 to 128, an exponent from -126 to 127.
  const auto whole = static_cast<std::int32_t>(n);
  const std::int32_t half = whole >> 1;
  const auto power = [](std::int32_t e) { return std::bit_cast<float>(static_cast<std::uint32_t>(e + 127) << 23U); };
  const float value = p * power(half) * power(whole - half);
  return z == z ? value : z;
}

// x / (1 + exp(-slope x))
[[maybe_unused]] static inline float sigmoid_weighted(float x, float slope) {
  return x / (1.0F + exponential(-(slope * x)));
}

}  // namespace plimsoll::executor
