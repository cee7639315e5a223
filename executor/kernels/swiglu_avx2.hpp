// exp and x sigmoid(a x) on 8 lanes, and rounding to bf16. Static: only files compiled for AVX2 include this.
#pragma once

#include <immintrin.h>

namespace plimsoll::executor {

// exp(z) = 2^n exp(r), |r| <= ln(2) / 2, exp(r) by the polynomial of Cephes' expf: below 1.5 units in the last place.
// Beyond the range of f32 it gives infinity and 0; NaN stays.
[[maybe_unused]] static inline __m256 exponential(__m256 z) {
  // min and max give their second operand where one is NaN.
  z = _mm256_max_ps(_mm256_set1_ps(-104.0F), _mm256_min_ps(_mm256_set1_ps(89.0F), z));
  const __m256 shift = _mm256_set1_ps(12582912.0F);  // 1.5 * 2^23: adding it rounds to whole numbers
  const __m256 n = _mm256_sub_ps(_mm256_fmadd_ps(z, _mm256_set1_ps(1.44269504088896341F), shift), shift);
  __m256 r = _mm256_fnmadd_ps(n, _mm256_set1_ps(0.693359375F), z);
  r = _mm256_fnmadd_ps(n, _mm256_set1_ps(-2.12194440e-4F), r);
  __m256 p = _mm256_set1_ps(1.9875691500E-4F);
  p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(1.3981999507E-3F));
  p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(8.3334519073E-3F));
  p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(4.1665795894E-2F));
  p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(1.6666665459E-1F));
  p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(5.0000001201E-1F));
  p = _mm256_add_ps(_mm256_fmadd_ps(p, _mm256_mul_ps(r, r), r), _mm256_set1_ps(1.0F));
  // 2^n in two factors: n reaches from -150 to 128, an exponent from -126 to 127.
  const __m256i whole = _mm256_cvtps_epi32(n);
  const __m256i half = _mm256_srai_epi32(whole, 1);
  const __m256i bias = _mm256_set1_epi32(127);
  const __m256i first = _mm256_slli_epi32(_mm256_add_epi32(half, bias), 23);
  const __m256i second = _mm256_slli_epi32(_mm256_add_epi32(_mm256_sub_epi32(whole, half), bias), 23);
  return _mm256_mul_ps(_mm256_mul_ps(p, _mm256_castsi256_ps(first)), _mm256_castsi256_ps(second));
}

// x / (1 + exp(-slope x))
[[maybe_unused]] static inline __m256 sigmoid_weighted(__m256 x, __m256 slope) {
  const __m256 negated = _mm256_xor_ps(_mm256_mul_ps(slope, x), _mm256_set1_ps(-0.0F));
  return _mm256_div_ps(x, _mm256_add_ps(_mm256_set1_ps(1.0F), exponential(negated)));
}

// As to_bfloat16 and back: to nearest, ties to even; NaN stays.
[[maybe_unused]] static inline __m256 rounded_to_bf16(__m256 value) {
  const __m256i bits = _mm256_castps_si256(value);
  const __m256i odd = _mm256_and_si256(_mm256_srli_epi32(bits, 16), _mm256_set1_epi32(1));
  const __m256i rounded = _mm256_add_epi32(bits, _mm256_add_epi32(odd, _mm256_set1_epi32(0x7fff)));
  const __m256i quiet = _mm256_or_si256(bits, _mm256_set1_epi32(0x400000));
  const __m256 nan = _mm256_cmp_ps(value, value, _CMP_UNORD_Q);
  const __m256 all = _mm256_blendv_ps(_mm256_castsi256_ps(rounded), _mm256_castsi256_ps(quiet), nan);
  return _mm256_and_ps(all, _mm256_castsi256_ps(_mm256_set1_epi32(static_cast<int>(0xffff0000U))));
}

}  // namespace plimsoll::executor
