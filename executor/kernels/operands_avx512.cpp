// What makes operands with AVX-512: plain rows, packed, and the activation of gate and up. An operand's word is an f32,
// or for bf16 a pair of numbers.
#include <immintrin.h>

#include <cstdint>

#include "executor/kernels/operand_tiles.hpp"
#include "executor/kernels/panel_kernels.hpp"
#include "executor/kernels/panel_products.hpp"
#include "executor/kernels/swiglu_avx512.hpp"

namespace plimsoll::executor {
namespace {

constexpr int most_rows = 8;
constexpr int vector = 16;

__mmask16 first_lanes(int count) {
  return static_cast<__mmask16>(count >= 16 ? 0xffffU : count <= 0 ? 0U : (1U << static_cast<unsigned>(count)) - 1U);
}

// 16 elements to words; Step of them share a word.
template <int Step>
void store(std::uint32_t* words, __m512 value) {
  if constexpr (Step == 2) {
    _mm256_store_si256(reinterpret_cast<__m256i*>(words), (__m256i)_mm512_cvtneps_pbh(value));
  } else {
    _mm512_store_ps(words, value);
  }
}

template <int Step>
void pack(const float* const* rows, int row_count, int count, int padded, void* operands) {
  auto* to = static_cast<std::uint32_t*>(operands);
  const OperandTiles tiles = operand_tiles(row_count, most_rows);
  for (int t = 0, first = 0; t < tiles.count; ++t) {
    const int height = rows_of(tiles, t);
    for (int k = 0; k < padded; k += vector) {
      std::uint32_t* at = to + word_of_tile(row_count, padded / Step, block_depth / Step, first, height, k / Step);
      for (int r = 0; r < height; ++r) {
        alignas(64) std::uint32_t words[vector];
        store<Step>(words, _mm512_maskz_loadu_ps(first_lanes(count - k), rows[first + r] + k));
        scatter_words(words, (padded - k < vector ? padded - k : vector) / Step, height, at + r);
      }
    }
    first += height;
  }
}

// 16 hidden elements from their sums of gate and of up.
__m512 hidden_of(const HiddenBlock& block, const float* sums) {
  const __m512 one = _mm512_set1_ps(1.0F);
  __m512 gate = _mm512_load_ps(sums);
  __m512 up = _mm512_load_ps(sums + hidden_columns);
  if (block.bias != nullptr) {
    gate = _mm512_add_ps(gate, _mm512_loadu_ps(block.bias));
    up = _mm512_add_ps(up, _mm512_loadu_ps(block.bias + hidden_columns));
  }
  __m512 slope = one;
  if (block.clamped) {
    // Of two values one of which is NaN, min and max give the second: NaN stays.
    const __m512 limit = _mm512_set1_ps(block.limit);
    gate = _mm512_min_ps(limit, gate);
    up = _mm512_min_ps(limit, _mm512_max_ps(_mm512_set1_ps(-block.limit), up));
    up = _mm512_add_ps(up, one);
    slope = _mm512_set1_ps(block.alpha);
  }
  return _mm512_mul_ps(sigmoid_weighted(gate, slope), up);
}

template <int Step>
void activate(const HiddenBlock& block) {
  auto* to = static_cast<std::uint32_t*>(block.operands);
  const OperandTiles tiles = operand_tiles(block.row_count, most_rows);
  const int left = block.depth - block.first;
  for (int t = 0, first = 0; t < tiles.count; ++t) {
    const int height = rows_of(tiles, t);
    std::uint32_t* at =
        to + word_of_tile(block.row_count, block.depth / Step, block_depth / Step, first, height, block.first / Step);
    for (int r = 0; r < height; ++r) {
      const __m512 hidden = hidden_of(block, block.sums + (first + r) * panel_columns);
      alignas(64) std::uint32_t words[hidden_columns];
      store<Step>(words, _mm512_maskz_mov_ps(first_lanes(block.columns), hidden));
      scatter_words(words, (left < hidden_columns ? left : hidden_columns) / Step, height, at + r);
    }
    first += height;
  }
}

}  // namespace

extern const PanelKernels avx512_f32_kernels = {4, pack<1>, multiply_avx512_f32, activate<1>};
extern const PanelKernels avx512_bf16_kernels = {2, pack<2>, multiply_avx512_bf16, activate<2>};

}  // namespace plimsoll::executor
