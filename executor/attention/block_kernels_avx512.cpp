// AVX-512: dot products of bf16 pairs (dpbf16ps), or f32 FMA. dpbf16ps takes denormal bf16 numbers for 0 and adds the
// two products of a pair to the sum in its own order and rounding, so bits differ from the other instruction sets.
#include <immintrin.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "executor/attention/block_kernels.hpp"
#include "executor/attention/exp_constants.hpp"

namespace plimsoll::executor {
namespace {

constexpr int keys = 128;
constexpr int most_rows = 8;

__m512 minus_infinity() { return _mm512_castsi512_ps(_mm512_set1_epi32(static_cast<int>(0xff800000U))); }

__m512bh pairs(__m512i raw) {
  __m512bh result;
  std::memcpy(&result, &raw, sizeof result);
  return result;
}

struct Bf16 {
  using Element = std::uint16_t;
  using Row = std::uint16_t;

  static std::int32_t pair_at(const Row* a) {
    std::int32_t pair;
    std::memcpy(&pair, a, sizeof pair);
    return pair;
  }
  template <int rows, int vectors>
  static void step(const Row* a, std::ptrdiff_t stride, const Element* at, std::ptrdiff_t panel_size,
                   __m512 (&sum)[rows][vectors]) {
    __m512i column[vectors];
#pragma GCC unroll 2
    for (int v = 0; v < vectors; ++v) column[v] = _mm512_loadu_si512(at + v * panel_size);
    add(a, stride, column, sum);
  }
  template <int rows, int vectors>
  static void last_step(const Row* a, std::ptrdiff_t stride, const Element* at, std::ptrdiff_t panel_size,
                        __m512 (&sum)[rows][vectors]) {
    const __m512i even = _mm512_set1_epi32(0xffff);
    __m512i column[vectors];
#pragma GCC unroll 2
    for (int v = 0; v < vectors; ++v) column[v] = _mm512_and_si512(_mm512_loadu_si512(at + v * panel_size), even);
    add(a, stride, column, sum);
  }
  template <int rows, int vectors>
  static void add(const Row* a, std::ptrdiff_t stride, const __m512i (&column)[vectors], __m512 (&sum)[rows][vectors]) {
#pragma GCC unroll 8
    for (int r = 0; r < rows; ++r) {
      const __m512bh value = pairs(_mm512_set1_epi32(pair_at(a + r * stride)));
#pragma GCC unroll 2
      for (int v = 0; v < vectors; ++v) sum[r][v] = _mm512_dpbf16_ps(sum[r][v], value, pairs(column[v]));
    }
  }
};

struct F32 {
  using Element = float;
  using Row = float;

  template <int rows, int vectors>
  static void one(const Row* a, std::ptrdiff_t stride, const Element* at, std::ptrdiff_t panel_size,
                  __m512 (&sum)[rows][vectors]) {
    __m512 column[vectors];
#pragma GCC unroll 2
    for (int v = 0; v < vectors; ++v) column[v] = _mm512_loadu_ps(at + v * panel_size);
#pragma GCC unroll 8
    for (int r = 0; r < rows; ++r) {
      const __m512 value = _mm512_set1_ps(a[r * stride]);
#pragma GCC unroll 2
      for (int v = 0; v < vectors; ++v) sum[r][v] = _mm512_fmadd_ps(value, column[v], sum[r][v]);
    }
  }
  template <int rows, int vectors>
  static void step(const Row* a, std::ptrdiff_t stride, const Element* at, std::ptrdiff_t panel_size,
                   __m512 (&sum)[rows][vectors]) {
    one(a, stride, at, panel_size, sum);
    one(a + 1, stride, at + 16, panel_size, sum);
  }
  template <int rows, int vectors>
  static void last_step(const Row* a, std::ptrdiff_t stride, const Element* at, std::ptrdiff_t panel_size,
                        __m512 (&sum)[rows][vectors]) {
    one(a, stride, at, panel_size, sum);
  }
};

template <class Type, int rows, int vectors>
struct Tile {
  __m512 sum[rows][vectors];

  void accumulate(const typename Type::Row* a, std::ptrdiff_t stride, int depth, const typename Type::Element* b,
                  std::ptrdiff_t panel_size, const void* next) {
    const char* ahead = static_cast<const char*>(next);
#pragma GCC unroll 8
    for (int r = 0; r < rows; ++r) {
#pragma GCC unroll 2
      for (int v = 0; v < vectors; ++v) sum[r][v] = _mm512_setzero_ps();
    }
    int k = 0;
    for (; k + 1 < depth; k += 2) {
      // As many bytes as this step reads.
#pragma GCC unroll 4
      for (std::size_t line = 0; line < vectors * sizeof(*b) / 2; ++line) {
        _mm_prefetch(ahead, _MM_HINT_T0);
        ahead += 64;
      }
      Type::step(a + k, stride, b + static_cast<std::ptrdiff_t>(k) * 16, panel_size, sum);
    }
    if (k < depth) Type::last_step(a + k, stride, b + static_cast<std::ptrdiff_t>(k) * 16, panel_size, sum);
  }

  void store(float* c, std::ptrdiff_t stride) const {
#pragma GCC unroll 8
    for (int r = 0; r < rows; ++r) {
#pragma GCC unroll 2
      for (int v = 0; v < vectors; ++v) _mm512_storeu_ps(c + r * stride + v * 16, sum[r][v]);
    }
  }
};

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
      case 6:
        work.template operator()<6>(first);
        break;
      case 7:
        work.template operator()<7>(first);
        break;
      default:
        work.template operator()<8>(first);
        break;
    }
    first += rows;
  }
}

template <class Type>
void multiply(const void* rows, std::ptrdiff_t row_stride, int row_count, int depth, const void* panels,
              int panel_depth, int columns, float* product, std::ptrdiff_t product_stride, const void* next) {
  const auto* a = static_cast<const typename Type::Row*>(rows);
  const auto* b = static_cast<const typename Type::Element*>(panels);
  const std::ptrdiff_t panel_size = static_cast<std::ptrdiff_t>(panel_depth) * 16;
  for (int column = 0; column < columns;) {
    const bool two = column + 32 <= columns;
    const int end = column + (two ? 32 : 16);
    const void* ahead = end < columns ? b + (two ? 2 : 1) * panel_size : next != nullptr ? next : b;
    by_tiles(row_count, [&]<int count>(int first) {
      float* to = product + first * product_stride + column;
      if (two) {
        Tile<Type, count, 2> tile;
        tile.accumulate(a + first * row_stride, row_stride, depth, b, panel_size, ahead);
        tile.store(to, product_stride);
      } else {
        Tile<Type, count, 1> tile;
        tile.accumulate(a + first * row_stride, row_stride, depth, b, panel_size, ahead);
        tile.store(to, product_stride);
      }
    });
    column = end;
    b += two ? 2 * panel_size : panel_size;
  }
}

template <class Type>
void block_maxima(const void* rows, std::ptrdiff_t row_stride, int row_count, int depth, const void* panels,
                  float* maxima, std::ptrdiff_t maxima_stride, const void* next) {
  const auto* b = static_cast<const typename Type::Element*>(panels);
  const std::ptrdiff_t panel_size = static_cast<std::ptrdiff_t>(depth) * 16;
  by_tiles(row_count, [&]<int count>(int first) {
    const auto* a = static_cast<const typename Type::Row*>(rows) + first * row_stride;
    __m512 largest[count];
#pragma GCC unroll 8
    for (int r = 0; r < count; ++r) largest[r] = minus_infinity();
    for (int p = 0; p < keys / 16; p += 2) {
      Tile<Type, count, 2> tile;
      const void* ahead = p + 2 < keys / 16 ? b + (p + 2) * panel_size : next != nullptr ? next : b;
      tile.accumulate(a, row_stride, depth, b + p * panel_size, panel_size, ahead);
#pragma GCC unroll 8
      for (int r = 0; r < count; ++r) {
        // The second operand is what comes out where either is NaN.
        for (const __m512& sum : tile.sum[r]) largest[r] = _mm512_max_ps(sum, largest[r]);
      }
    }
#pragma GCC unroll 8
    for (int r = 0; r < count; ++r) maxima[(first + r) * maxima_stride] = _mm512_reduce_max_ps(largest[r]);
  });
}

__m512 exponential(__m512 x) {
  const __mmask16 kept = _mm512_cmp_ps_mask(x, _mm512_set1_ps(exp_lowest), _CMP_NLT_UQ);
  const __m512 n =
      _mm512_roundscale_ps(_mm512_mul_ps(x, _mm512_set1_ps(exp_log2e)), _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  __m512 r = _mm512_fnmadd_ps(n, _mm512_set1_ps(exp_ln2_high), x);
  r = _mm512_fnmadd_ps(n, _mm512_set1_ps(exp_ln2_low), r);
  __m512 p = _mm512_set1_ps(exp_c5);
  p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(exp_c4));
  p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(exp_c3));
  p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(exp_c2));
  p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(exp_c1));
  p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(exp_c0));
  p = _mm512_add_ps(_mm512_fmadd_ps(p, _mm512_mul_ps(r, r), r), _mm512_set1_ps(1));
  return _mm512_maskz_scalef_ps(kept, p, n);
}

// Stores 16 weights as a row operand and returns what was stored.
__m512 stored(__m512 weight, float* to) {
  _mm512_storeu_ps(to, weight);
  return weight;
}

__m512 stored(__m512 weight, std::uint16_t* to) {
  const __m256bh narrow = _mm512_cvtneps_pbh(weight);
  __m256i bits;
  std::memcpy(&bits, &narrow, sizeof bits);
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), bits);
  return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(bits), 16));
}

template <class Type>
void weigh(const float* scores, std::ptrdiff_t score_stride, int row_count, int visible, float scale, void* weights,
           std::ptrdiff_t weight_stride, float* maximum, float* sum) {
  const int last = (visible - 1) / 16 * 16;
  const auto seen = static_cast<__mmask16>((1U << static_cast<unsigned>(visible - last)) - 1U);
  const __m512 factor = _mm512_set1_ps(scale);
  for (int r = 0; r < row_count; ++r) {
    const float* from = scores + r * score_stride;
    auto* to = static_cast<typename Type::Row*>(weights) + r * weight_stride;
    const __m512 tail =
        _mm512_mask_blend_ps(seen, minus_infinity(), _mm512_mul_ps(_mm512_loadu_ps(from + last), factor));
    __m512 largest = _mm512_max_ps(tail, minus_infinity());
    for (int j = 0; j < last; j += 16) {
      largest = _mm512_max_ps(_mm512_mul_ps(_mm512_loadu_ps(from + j), factor), largest);
    }
    const float top = _mm512_reduce_max_ps(largest);
    const __m512 peak = _mm512_set1_ps(top);
    const __m512 base = _mm512_maskz_mov_ps(_mm512_cmp_ps_mask(peak, minus_infinity(), _CMP_NEQ_UQ), peak);
    __m512 total = _mm512_setzero_ps();
    for (int j = 0; j < last; j += 16) {
      const __m512 x = _mm512_sub_ps(_mm512_mul_ps(_mm512_loadu_ps(from + j), factor), base);
      total = _mm512_add_ps(total, stored(exponential(x), to + j));
    }
    total = _mm512_add_ps(total, stored(exponential(_mm512_sub_ps(tail, base)), to + last));
    maximum[r] = top;
    sum[r] = _mm512_reduce_add_ps(total);
  }
}

void merge(int row_count, int width, float* maximum, float* sum, float* output, const float* part_maximum,
           const float* part_sum, const float* part_output) {
  for (int r = 0; r < row_count; ++r) {
    const __m512 old_top = _mm512_set1_ps(maximum[r]);
    const __m512 new_top = _mm512_set1_ps(part_maximum[r]);
    const __m512 top = _mm512_max_ps(old_top, new_top);
    const __mmask16 is_old = _mm512_cmp_ps_mask(old_top, minus_infinity(), _CMP_NEQ_UQ);
    const __mmask16 is_new = _mm512_cmp_ps_mask(new_top, minus_infinity(), _CMP_NEQ_UQ);
    const __m512 old_share = _mm512_maskz_mov_ps(is_old, exponential(_mm512_sub_ps(old_top, top)));
    const __m512 new_share = _mm512_maskz_mov_ps(is_new, exponential(_mm512_sub_ps(new_top, top)));
    float* out = output + static_cast<std::ptrdiff_t>(r) * width;
    const float* part = part_output + static_cast<std::ptrdiff_t>(r) * width;
    for (int c = 0; c < width; c += 16) {
      const __m512 kept = _mm512_mul_ps(_mm512_loadu_ps(out + c), old_share);
      _mm512_storeu_ps(out + c, _mm512_fmadd_ps(_mm512_loadu_ps(part + c), new_share, kept));
    }
    const float kept = sum[r] * _mm512_cvtss_f32(old_share);
    sum[r] = kept + part_sum[r] * _mm512_cvtss_f32(new_share);
    maximum[r] = _mm512_cvtss_f32(top);
  }
}

void pack_bf16_row(const float* from, int count, void* to) {
  for (int k = 0; k < count; k += 16) {
    // Integer rounding, which keeps denormals as the other instruction sets do.
    const __m512i bits = _mm512_loadu_si512(from + k);
    const __m512i last = _mm512_and_si512(_mm512_srli_epi32(bits, 16), _mm512_set1_epi32(1));
    const __m512i up = _mm512_add_epi32(bits, _mm512_add_epi32(last, _mm512_set1_epi32(0x7fff)));
    const __m512i kept = _mm512_or_si512(bits, _mm512_set1_epi32(0x400000));
    const __m512 value = _mm512_castsi512_ps(bits);
    const __m512i chosen = _mm512_mask_blend_epi32(_mm512_cmp_ps_mask(value, value, _CMP_UNORD_Q), up, kept);
    const __m256i narrow = _mm512_cvtepi32_epi16(_mm512_srli_epi32(chosen, 16));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(static_cast<std::uint16_t*>(to) + k), narrow);
  }
}

void pack_f32_row(const float* from, int count, void* to) {
  std::memcpy(to, from, static_cast<std::size_t>(count) * sizeof(float));
}

}  // namespace

const BlockKernels avx512_bf16_block_kernels{2, pack_bf16_row, multiply<Bf16>, weigh<Bf16>, merge, block_maxima<Bf16>};
const BlockKernels avx512_f32_block_kernels{4, pack_f32_row, multiply<F32>, weigh<F32>, merge, block_maxima<F32>};

}  // namespace plimsoll::executor
