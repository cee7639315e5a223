// AVX2 and FMA: bf16 pairs are widened in registers, the even number of a pair by a shift, the odd one by a mask.
//
// Tiles of the product live in registers: up to 6 rows of 16 columns, or 3 rows of 32, which is 12 sums, 2 operands and
// one broadcast of 16 registers.
#include <immintrin.h>

#include <cstddef>
#include <cstdint>

#include "executor/attention/block_kernels.hpp"
#include "executor/attention/exp_constants.hpp"

namespace plimsoll::executor {
namespace {

constexpr int keys = 128;
constexpr int most_rows = 6;

__m256 minus_infinity() { return _mm256_castsi256_ps(_mm256_set1_epi32(static_cast<int>(0xff800000U))); }

__m256i odd_mask() { return _mm256_set1_epi32(static_cast<int>(0xffff0000U)); }

struct Bf16 {
  using Element = std::uint16_t;
  static constexpr int depth_step = 2;

  static __m256i raw(const Element* at) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at)); }
  // Eight columns at even and at odd depth.
  static __m256 even(const Element* at) { return _mm256_castsi256_ps(_mm256_slli_epi32(raw(at), 16)); }
  static __m256 odd(const Element* at) { return _mm256_castsi256_ps(_mm256_and_si256(raw(at), odd_mask())); }

  static __m256 rounded(__m256 value) {
    const __m256i bits = _mm256_castps_si256(value);
    const __m256i last = _mm256_and_si256(_mm256_srli_epi32(bits, 16), _mm256_set1_epi32(1));
    const __m256i up = _mm256_add_epi32(bits, _mm256_add_epi32(last, _mm256_set1_epi32(0x7fff)));
    const __m256i nan = _mm256_castps_si256(_mm256_cmp_ps(value, value, _CMP_UNORD_Q));
    const __m256i kept = _mm256_or_si256(bits, _mm256_set1_epi32(0x400000));
    return _mm256_castsi256_ps(_mm256_and_si256(_mm256_blendv_epi8(up, kept, nan), odd_mask()));
  }
};

struct F32 {
  using Element = float;
  static constexpr int depth_step = 1;

  static __m256 even(const Element* at) { return _mm256_loadu_ps(at); }
  static __m256 odd(const Element* at) { return _mm256_loadu_ps(at + 16); }  // the next depth
  static __m256 rounded(__m256 value) { return value; }
};

// Sums of `rows` rows over `panels` adjacent panels. Loops over sums are unrolled by pragma: only then do compilers
// keep them in registers.
template <class Type, int rows, int panels>
struct Tile {
  using Element = typename Type::Element;
  static constexpr int vectors = 2 * panels;
  [[gnu::always_inline]] static void multiply(const float* a, std::ptrdiff_t stride, int depth, const Element* b,
                                              std::ptrdiff_t panel_size, float* c, std::ptrdiff_t c_stride,
                                              const void* next) {
    constexpr int width = Type::depth_step * 8;  // elements of one load
    __m256 sums[rows][vectors];
    const float* row[rows];
#pragma GCC unroll 6
    for (int r = 0; r < rows; ++r) {
      row[r] = a + r * stride;
#pragma GCC unroll 4
      for (int v = 0; v < vectors; ++v) sums[r][v] = _mm256_setzero_ps();
    }
    const char* ahead = static_cast<const char*>(next);
    std::ptrdiff_t k = 0;
    for (; k + 1 < depth; k += 2) {
      // As many bytes as this step reads.
#pragma GCC unroll 4
      for (std::size_t line = 0; line < panels * sizeof(Element) / 2; ++line) {
        _mm_prefetch(ahead, _MM_HINT_T0);
        ahead += 64;
      }
#pragma GCC unroll 2
      for (int p = 0; p < panels; ++p) {
        const Element* at = b + p * panel_size;
        step(row, k, Type::even(at), Type::even(at + width), sums, 2 * p);
        // No instruction: pairs are loaded again rather than kept in registers that sums need.
        asm volatile("" : "+r"(at));
        step(row, k + 1, Type::odd(at), Type::odd(at + width), sums, 2 * p);
      }
      b += 32;
    }
    if (k < depth) {
#pragma GCC unroll 2
      for (int p = 0; p < panels; ++p) {
        const Element* at = b + p * panel_size;
        step(row, k, Type::even(at), Type::even(at + width), sums, 2 * p);
      }
    }
#pragma GCC unroll 6
    for (int r = 0; r < rows; ++r) {
#pragma GCC unroll 4
      for (int v = 0; v < vectors; ++v) _mm256_storeu_ps(c + r * c_stride + v * 8, sums[r][v]);
    }
  }

  // One row after another, each in one piece: compilers that may fetch several rows' numbers ahead find no registers
  // for them and put sums into memory.
  [[gnu::always_inline]] static void step(const float* const (&row)[rows], std::ptrdiff_t k, __m256 left, __m256 right,
                                          __m256 (&sums)[rows][vectors], int v) {
#pragma GCC unroll 6
    for (int r = 0; r < rows; ++r) {
      __m256 value;
      asm("vbroadcastss %[number], %[value]\n\t"
          "vfmadd231ps %[left], %[value], %[left_sum]\n\t"
          "vfmadd231ps %[right], %[value], %[right_sum]"
          : [value] "=&x"(value), [left_sum] "+x"(sums[r][v]), [right_sum] "+x"(sums[r][v + 1])
          : [left] "x"(left), [right] "x"(right), [number] "m"(row[r][k]));
    }
  }
};

// A function of its own, so that pointers stay in registers, too.
template <class Type, int rows, int panels>
[[gnu::noinline]] void tile_product(const float* a, std::ptrdiff_t stride, int depth, const typename Type::Element* b,
                                    std::ptrdiff_t panel_size, float* c, std::ptrdiff_t c_stride, const void* next) {
  Tile<Type, rows, panels>::multiply(a, stride, depth, b, panel_size, c, c_stride, next);
}

// Calls work.template operator()<rows>(first) for tiles of nearly equal height.
template <class Work>
void by_tiles(int row_count, Work&& work) {
  int first = 0;
  for (int tiles = (row_count + most_rows - 1) / most_rows; tiles > 0; --tiles) {
    const int rows = (row_count - first + tiles - 1) / tiles;
    switch (rows) {
      case 1:
        work.template operator()<1>(first);
        break;
      case 2:
        work.template operator()<2>(first);
        break;
      case 3:
        work.template operator()<3>(first);
        break;
      case 4:
        work.template operator()<4>(first);
        break;
      case 5:
        work.template operator()<5>(first);
        break;
      default:
        work.template operator()<6>(first);
        break;
    }
    first += rows;
  }
}

template <class Type>
void multiply(const void* rows, std::ptrdiff_t row_stride, int row_count, int depth, const void* panels,
              int panel_depth, int columns, float* product, std::ptrdiff_t product_stride, const void* next) {
  const auto* a = static_cast<const float*>(rows);
  const auto* b = static_cast<const typename Type::Element*>(panels);
  const std::ptrdiff_t panel_size = static_cast<std::ptrdiff_t>(panel_depth) * 16;
  for (int column = 0; column < columns;) {
    const bool two = row_count <= 3 && column + 32 <= columns;
    const int end = column + (two ? 32 : 16);
    const void* ahead = end < columns ? b + (two ? 2 : 1) * panel_size : next != nullptr ? next : b;
    by_tiles(row_count, [&]<int count>(int first) {
      if constexpr (count <= 3) {
        if (two) {
          tile_product<Type, count, 2>(a + first * row_stride, row_stride, depth, b, panel_size,
                                       product + first * product_stride + column, product_stride, ahead);
          return;
        }
      }
      tile_product<Type, count, 1>(a + first * row_stride, row_stride, depth, b, panel_size,
                                   product + first * product_stride + column, product_stride, ahead);
    });
    column = end;
    b += two ? 2 * panel_size : panel_size;
  }
}

float largest_of(__m256 v) {
  __m128 m = _mm_max_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
  m = _mm_max_ps(m, _mm_movehl_ps(m, m));
  return _mm_cvtss_f32(_mm_max_ss(m, _mm_shuffle_ps(m, m, 1)));
}

float sum_of(__m256 v) {
  __m128 s = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
  s = _mm_add_ps(s, _mm_movehl_ps(s, s));
  return _mm_cvtss_f32(_mm_add_ss(s, _mm_shuffle_ps(s, s, 1)));
}

template <class Type>
void block_maxima(const void* rows, std::ptrdiff_t row_stride, int row_count, int depth, const void* panels,
                  float* maxima, std::ptrdiff_t maxima_stride, const void* next) {
  using Element = typename Type::Element;
  const auto* b = static_cast<const Element*>(panels);
  const std::ptrdiff_t panel_size = static_cast<std::ptrdiff_t>(depth) * 16;
  by_tiles(row_count, [&]<int count>(int first) {
    const float* a = static_cast<const float*>(rows) + first * row_stride;
    __m256 largest[count];
    for (int r = 0; r < count; ++r) largest[r] = minus_infinity();
    constexpr int together = count <= 3 ? 2 : 1;
    alignas(32) float product[count][16 * together];
    for (int p = 0; p < keys / 16; p += together) {
      // Two panels ahead: scoring is bound by memory.
      const int later = p + 2 * together;
      const void* ahead = later < keys / 16 ? b + later * panel_size
                          : next != nullptr ? static_cast<const Element*>(next) + (later - keys / 16) * panel_size
                                            : b;
      tile_product<Type, count, together>(a, row_stride, depth, b + p * panel_size, panel_size, product[0],
                                          16 * together, ahead);
      for (int r = 0; r < count; ++r) {
        // The second operand is what comes out where either is NaN.
        for (int c = 0; c < 16 * together; c += 8) {
          largest[r] = _mm256_max_ps(_mm256_load_ps(&product[r][c]), largest[r]);
        }
      }
    }
    for (int r = 0; r < count; ++r) maxima[(first + r) * maxima_stride] = largest_of(largest[r]);
  });
}

__m256 exponential(__m256 x) {
  const __m256 tiny = _mm256_cmp_ps(x, _mm256_set1_ps(exp_lowest), _CMP_LT_OQ);
  const __m256 n =
      _mm256_round_ps(_mm256_mul_ps(x, _mm256_set1_ps(exp_log2e)), _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  __m256 r = _mm256_fnmadd_ps(n, _mm256_set1_ps(exp_ln2_high), x);
  r = _mm256_fnmadd_ps(n, _mm256_set1_ps(exp_ln2_low), r);
  __m256 p = _mm256_set1_ps(exp_c5);
  p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(exp_c4));
  p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(exp_c3));
  p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(exp_c2));
  p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(exp_c1));
  p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(exp_c0));
  p = _mm256_add_ps(_mm256_fmadd_ps(p, _mm256_mul_ps(r, r), r), _mm256_set1_ps(1));
  // A NaN has no n, but any power of two leaves it a NaN.
  const __m256i power = _mm256_slli_epi32(_mm256_add_epi32(_mm256_cvtps_epi32(n), _mm256_set1_epi32(127)), 23);
  return _mm256_andnot_ps(tiny, _mm256_mul_ps(p, _mm256_castsi256_ps(power)));
}

// 2^n times 2^r of x = (n + r) ln 2 <= 0 by fewer instructions than exponential(): what is lost is lost where x is far
// below 0, and is nothing to a sum of weights whose largest is 1.
__m256 weight_of(__m256 x) {
  const __m256 tiny = _mm256_cmp_ps(x, _mm256_set1_ps(exp_lowest), _CMP_LT_OQ);
  const __m256 t = _mm256_mul_ps(x, _mm256_set1_ps(exp_log2e));
  // Its last bits are n + 127 where x is neither NaN nor tiny.
  const __m256 rounding = _mm256_set1_ps(exp2_rounding);
  const __m256 shifted = _mm256_add_ps(t, rounding);
  const __m256 r = _mm256_sub_ps(t, _mm256_sub_ps(shifted, rounding));
  __m256 p = _mm256_fmadd_ps(_mm256_set1_ps(exp2_c5), r, _mm256_set1_ps(exp2_c4));
  p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(exp2_c3));
  p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(exp2_c2));
  p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(exp2_c1));
  p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(1));
  const __m256i power = _mm256_slli_epi32(_mm256_castps_si256(shifted), 23);
  return _mm256_andnot_ps(tiny, _mm256_mul_ps(p, _mm256_castsi256_ps(power)));
}

void weigh(const float* scores, std::ptrdiff_t score_stride, int row_count, int visible, float scale, void* weights,
           std::ptrdiff_t weight_stride, float* maximum, float* sum) {
  const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
  const __m256 seen = _mm256_castsi256_ps(_mm256_cmpgt_epi32(_mm256_set1_epi32((visible - 1) % 8 + 1), lane));
  const int last = (visible - 1) / 8 * 8;
  const __m256 factor = _mm256_set1_ps(scale);
  // The maxima of some rows first: what hangs on one is not waited for.
  constexpr int together = 8;
  for (int first = 0; first < row_count; first += together) {
    const int end = first + together < row_count ? first + together : row_count;
    for (int r = first; r < end; ++r) {
      const float* from = scores + r * score_stride;
      const __m256 tail = _mm256_blendv_ps(minus_infinity(), _mm256_mul_ps(_mm256_loadu_ps(from + last), factor), seen);
      __m256 largest = _mm256_max_ps(tail, minus_infinity());
      for (int j = 0; j < last; j += 8) {
        largest = _mm256_max_ps(_mm256_mul_ps(_mm256_loadu_ps(from + j), factor), largest);
      }
      maximum[r] = largest_of(largest);
    }
    for (int r = first; r < end; ++r) {
      const float* from = scores + r * score_stride;
      float* to = static_cast<float*>(weights) + r * weight_stride;
      const __m256 peak = _mm256_broadcast_ss(maximum + r);
      const __m256 base = _mm256_andnot_ps(_mm256_cmp_ps(peak, minus_infinity(), _CMP_EQ_OQ), peak);
      __m256 total = _mm256_setzero_ps();
      for (int j = 0; j < last; j += 8) {
        const __m256 weight = weight_of(_mm256_fmsub_ps(_mm256_loadu_ps(from + j), factor, base));
        _mm256_storeu_ps(to + j, weight);
        total = _mm256_add_ps(total, weight);
      }
      const __m256 tail = _mm256_fmsub_ps(_mm256_loadu_ps(from + last), factor, base);
      const __m256 weight = _mm256_and_ps(weight_of(tail), seen);
      _mm256_storeu_ps(to + last, weight);
      sum[r] = sum_of(_mm256_add_ps(total, weight));
    }
  }
}

void merge(int row_count, int width, float* maximum, float* sum, float* output, const float* part_maximum,
           const float* part_sum, const float* part_output) {
  for (int r = 0; r < row_count; ++r) {
    const __m256 old_top = _mm256_broadcast_ss(maximum + r);
    const __m256 new_top = _mm256_broadcast_ss(part_maximum + r);
    const __m256 top = _mm256_max_ps(old_top, new_top);
    const __m256 no_old = _mm256_cmp_ps(old_top, minus_infinity(), _CMP_EQ_OQ);
    const __m256 no_new = _mm256_cmp_ps(new_top, minus_infinity(), _CMP_EQ_OQ);
    const __m256 old_share = _mm256_andnot_ps(no_old, exponential(_mm256_sub_ps(old_top, top)));
    const __m256 new_share = _mm256_andnot_ps(no_new, exponential(_mm256_sub_ps(new_top, top)));
    float* out = output + static_cast<std::ptrdiff_t>(r) * width;
    const float* part = part_output + static_cast<std::ptrdiff_t>(r) * width;
    for (int c = 0; c < width; c += 8) {
      const __m256 kept = _mm256_mul_ps(_mm256_loadu_ps(out + c), old_share);
      _mm256_storeu_ps(out + c, _mm256_fmadd_ps(_mm256_loadu_ps(part + c), new_share, kept));
    }
    const float kept = sum[r] * _mm256_cvtss_f32(old_share);
    sum[r] = kept + part_sum[r] * _mm256_cvtss_f32(new_share);
    maximum[r] = _mm256_cvtss_f32(top);
  }
}

template <class Type>
void pack_row(const float* from, int count, void* to) {
  for (int k = 0; k < count; k += 8) {
    _mm256_storeu_ps(static_cast<float*>(to) + k, Type::rounded(_mm256_loadu_ps(from + k)));
  }
}

}  // namespace

const BlockKernels avx2_bf16_block_kernels{4, pack_row<Bf16>, multiply<Bf16>, weigh, merge, block_maxima<Bf16>};
const BlockKernels avx2_f32_block_kernels{4, pack_row<F32>, multiply<F32>, weigh, merge, block_maxima<F32>};

}  // namespace plimsoll::executor
