// AVX-512: 16-bit queries times 8-bit codes by vpmaddwd, whose 32-bit sums are exact. Lanes are keys.
#include <immintrin.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "executor/attention/quantised_keys.hpp"
#include "executor/attention/score_slack.hpp"

namespace plimsoll::executor {
namespace {

constexpr int keys = 128;
constexpr int most_rows = 8;
constexpr int largest_size = 256;

__m256 widened(const std::byte* from) {
  const __m128i raw = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
  return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(raw), 16));
}

float sum_of(__m256 v) {
  __m128 s = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
  s = _mm_add_ps(s, _mm_movehl_ps(s, s));
  return _mm_cvtss_f32(_mm_add_ss(s, _mm_shuffle_ps(s, s, 1)));
}

float largest_of(__m256 v) {
  __m128 m = _mm_max_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
  m = _mm_max_ps(m, _mm_movehl_ps(m, m));
  return _mm_cvtss_f32(_mm_max_ss(m, _mm_shuffle_ps(m, m, 1)));
}

struct Row {
  float base;
  float step;
  float error;
  alignas(32) std::int16_t numbers[largest_size];
};

void scale(const float* query, float norm, int size, const std::byte* block, const QuantisedTail& tail, Row& row) {
  const std::byte* low = block + quantised_low_offset(size);
  const std::byte* width = block + quantised_width_offset(size);
  const __m256 sign = _mm256_set1_ps(-0.0F);
  alignas(32) float scaled[largest_size];
  __m256 base = _mm256_setzero_ps();
  __m256 largest = _mm256_setzero_ps();
  __m256 sum = _mm256_setzero_ps();
  __m256 squares = _mm256_setzero_ps();
  for (int d = 0; d < size; d += 8) {
    const __m256 q = _mm256_loadu_ps(query + d);
    const __m256 t = _mm256_mul_ps(q, widened(width + d * 2));
    const __m256 absolute = _mm256_andnot_ps(sign, t);
    _mm256_store_ps(scaled + d, t);
    base = _mm256_fmadd_ps(q, widened(low + d * 2), base);
    largest = _mm256_max_ps(largest, absolute);
    sum = _mm256_add_ps(sum, absolute);
    squares = _mm256_fmadd_ps(t, t, squares);
  }
  row.base = sum_of(base);
  row.step = largest_of(largest) / 32767.0F;
  row.error = quantised_error(size, tail, norm, sum_of(sum), sum_of(squares), row.step);
  // A step of 0 has zeros only. What is not finite comes out as anything; its error says that nothing is known.
  const __m256 inverse = _mm256_set1_ps(row.step > 0 ? 1.0F / row.step : 0.0F);
  for (int d = 0; d < size; d += 16) {
    const __m256i first = _mm256_cvtps_epi32(_mm256_mul_ps(_mm256_load_ps(scaled + d), inverse));
    const __m256i second = _mm256_cvtps_epi32(_mm256_mul_ps(_mm256_load_ps(scaled + d + 8), inverse));
    const __m256i packed = _mm256_permute4x64_epi64(_mm256_packs_epi32(first, second), 0xd8);
    _mm256_store_si256(reinterpret_cast<__m256i*>(row.numbers + d), packed);
  }
}

__m512i pair_of(const std::int16_t* numbers) {
  std::int32_t pair;
  std::memcpy(&pair, numbers, sizeof pair);
  return _mm512_set1_epi32(pair);
}

// The largest product of each row with 128 columns of codes.
template <int rows>
void best_products(const Row* row, int size, const std::byte* codes, std::int32_t* best, const std::byte* next) {
  const __m512i even_bytes = _mm512_set1_epi16(0xff);
  __m512i largest[rows];
  for (int r = 0; r < rows; ++r) largest[r] = _mm512_set1_epi32(INT32_MIN);
  for (int j = 0; j < keys; j += 32) {
    const std::byte* panel = codes + j * size;
    const std::byte* ahead = j + 32 < keys ? panel + 32 * size : next != nullptr ? next : codes;
    __m512i sum[rows][2];
#pragma GCC unroll 8
    for (int r = 0; r < rows; ++r) sum[r][0] = sum[r][1] = _mm512_setzero_si512();
    for (int d = 0; d < size; d += 4) {
      const std::byte* at = panel + d * 16;
      _mm_prefetch(ahead + d * 32, _MM_HINT_T0);
      _mm_prefetch(ahead + d * 32 + 64, _MM_HINT_T0);
      const __m512i first = _mm512_loadu_si512(at);
      const __m512i second = _mm512_loadu_si512(at + 16 * size);
      const __m512i even[2] = {_mm512_and_si512(first, even_bytes), _mm512_and_si512(second, even_bytes)};
      const __m512i odd[2] = {_mm512_srli_epi16(first, 8), _mm512_srli_epi16(second, 8)};
#pragma GCC unroll 8
      for (int r = 0; r < rows; ++r) {
        const __m512i front = pair_of(row[r].numbers + d);
        const __m512i back = pair_of(row[r].numbers + d + 2);
        for (int v = 0; v < 2; ++v) {
          sum[r][v] = _mm512_add_epi32(sum[r][v], _mm512_madd_epi16(even[v], front));
          sum[r][v] = _mm512_add_epi32(sum[r][v], _mm512_madd_epi16(odd[v], back));
        }
      }
    }
#pragma GCC unroll 8
    for (int r = 0; r < rows; ++r) largest[r] = _mm512_max_epi32(largest[r], _mm512_max_epi32(sum[r][0], sum[r][1]));
  }
  for (int r = 0; r < rows; ++r) best[r] = _mm512_reduce_max_epi32(largest[r]);
}

}  // namespace

void quantised_bounds_avx512(const float* queries, const float* norms, int row_count, int size, const std::byte* block,
                             float* lower, float* upper, std::ptrdiff_t stride, const std::byte* next) {
  QuantisedTail tail;
  std::memcpy(&tail, block + quantised_tail_offset(size), sizeof tail);
  for (int first = 0; first < row_count; first += most_rows) {
    const int count = row_count - first < most_rows ? row_count - first : most_rows;
    Row row[most_rows];
    std::int32_t best[most_rows];
    for (int r = 0; r < count; ++r) {
      scale(queries + static_cast<std::ptrdiff_t>(first + r) * size, norms[first + r], size, block, tail, row[r]);
    }
    switch (count) {
      case 1:
        best_products<1>(row, size, block, best, next);
        break;
      case 2:
        best_products<2>(row, size, block, best, next);
        break;
      case 3:
        best_products<3>(row, size, block, best, next);
        break;
      case 4:
        best_products<4>(row, size, block, best, next);
        break;
      case 5:
        best_products<5>(row, size, block, best, next);
        break;
      case 6:
        best_products<6>(row, size, block, best, next);
        break;
      case 7:
        best_products<7>(row, size, block, best, next);
        break;
      default:
        best_products<8>(row, size, block, best, next);
        break;
    }
    for (int r = 0; r < count; ++r) {
      const bool known = row[r].error < __builtin_inff();
      const float score = row[r].base + row[r].step * static_cast<float>(best[r]);
      lower[(first + r) * stride] = known ? score - row[r].error : -__builtin_inff();
      upper[(first + r) * stride] = known ? score + row[r].error : __builtin_inff();
    }
  }
}

}  // namespace plimsoll::executor
