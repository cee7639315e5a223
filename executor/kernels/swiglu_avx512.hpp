// exp and x sigmoid(a x) on 16 lanes. Static: only files compiled for AVX-512 include this.
#pragma once

#include <immintrin.h>

namespace plimsoll::executor {

// As in swiglu_avx2.hpp; scalef gives 2^n over the whole range, infinity and denormals included.
[[maybe_unused]] static inline __m512 exponential(__m512 z) {
  z = _mm512_max_ps(_mm512_set1_ps(-104.0F), _mm512_min_ps(_mm512_set1_ps(89.0F), z));
  const __m512 shift = _mm512_set1_ps(12582912.0F);  // 1.5 * 2^23: adding it rounds to whole numbers
  const __m512 n = _mm512_sub_ps(_mm512_fmadd_ps(z, _mm512_set1_ps(1.44269504088896341F), shift), shift);
  __m512 r = _mm512_fnmadd_ps(n, _mm512_set1_ps(0.693359375F), z);
  r = _mm512_fnmadd_ps(n, _mm512_set1_ps(-2.12194440e-4F), r);
  __m512 p = _mm512_set1_ps(1.9875691500E-4F);
  p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1.3981999507E-3F));
  p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(8.3334519073E-3F));
  p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(4.1665795894E-2F));
  p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1.6666665459E-1F));
  p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(5.0000001201E-1F));
  p = _mm512_add_ps(_mm512_fmadd_ps(p, _mm512_mul_ps(r, r), r), _mm512_set1_ps(1.0F));
  return _mm512_scalef_ps(p, n);
}

// x / (1 + exp(-slope x))
[[maybe_unused]] static inline __m512 sigmoid_weighted(__m512 x, __m512 slope) {
  const __m512 negated = _mm512_xor_ps(_mm512_mul_ps(slope, x), _mm512_set1_ps(-0.0F));
  return _mm512_div_ps(x, _mm512_add_ps(_mm512_set1_ps(1.0F), exponential(negated)));
}

}  // namespace plimsoll::executor
