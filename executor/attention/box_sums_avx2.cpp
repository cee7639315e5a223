#include <immintrin.h>

#include "executor/attention/box_sums.hpp"

namespace plimsoll::executor {
namespace {

float sum_of(__m256 v) {
  __m128 s = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
  s = _mm_add_ps(s, _mm_movehl_ps(s, s));
  return _mm_cvtss_f32(_mm_add_ss(s, _mm_shuffle_ps(s, s, 1)));
}

}  // namespace

BoxSums box_sums_avx2(const float* query, const float* box, int size) {
  const __m256 sign = _mm256_set1_ps(-0.0F);
  __m256 middle = _mm256_setzero_ps();
  __m256 sum = _mm256_setzero_ps();
  __m256 squares = _mm256_setzero_ps();
  for (int d = 0; d < size; d += 8) {
    const __m256 q = _mm256_loadu_ps(query + d);
    const __m256 extent = _mm256_mul_ps(_mm256_andnot_ps(sign, q), _mm256_loadu_ps(box + size + d));
    middle = _mm256_fmadd_ps(q, _mm256_loadu_ps(box + d), middle);
    sum = _mm256_add_ps(sum, extent);
    squares = _mm256_fmadd_ps(extent, extent, squares);
  }
  return {sum_of(middle), sum_of(sum), sum_of(squares)};
}

}  // namespace plimsoll::executor
