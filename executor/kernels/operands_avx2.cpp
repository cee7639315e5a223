// What makes operands with AVX2: plain rows, packed, and the activation of gate and up. An operand's word is an f32,
// also for bf16, whose numbers are rounded.
#include <immintrin.h>

#include <cstdint>

#include "executor/kernels/operand_tiles.hpp"
#include "executor/kernels/panel_kernels.hpp"
#include "executor/kernels/panel_products.hpp"
#include "executor/kernels/swiglu_avx2.hpp"

namespace plimsoll::executor {
namespace {

constexpr int most_rows = 6;
constexpr int vector = 8;

template <bool Rounded>
void store(std::uint32_t* words, __m256 value) {
  _mm256_store_ps(reinterpret_cast<float*>(words), Rounded ? rounded_to_bf16(value) : value);
}

// Elements of a row, of which `exist` exist and the others are zero.
__m256 load_floats(const float* from, int exist) {
  if (exist >= vector) return _mm256_loadu_ps(from);
  alignas(32) float some[vector] = {};
  for (int i = 0; i < exist; ++i) some[i] = from[i];
  return _mm256_load_ps(some);
}

template <bool Rounded>
void pack(const float* const* rows, int row_count, int count, int padded, void* operands) {
  auto* to = static_cast<std::uint32_t*>(operands);
  const OperandTiles tiles = operand_tiles(row_count, most_rows);
  for (int t = 0, first = 0; t < tiles.count; ++t) {
    const int height = rows_of(tiles, t);
    for (int k = 0; k < padded; k += vector) {
      std::uint32_t* at = to + word_of_tile(row_count, padded, block_depth, first, height, k);
      for (int r = 0; r < height; ++r) {
        alignas(32) std::uint32_t words[vector];
        store<Rounded>(words, load_floats(rows[first + r] + k, count - k));
        scatter_words(words, padded - k < vector ? padded - k : vector, height, at + r);
      }
    }
    first += height;
  }
}

// 8 hidden elements from their sums of gate and of up.
__m256 hidden_of(const HiddenBlock& block, const float* sums, int column) {
  const __m256 one = _mm256_set1_ps(1.0F);
  __m256 gate = _mm256_load_ps(sums + column);
  __m256 up = _mm256_load_ps(sums + hidden_columns + column);
  if (block.bias != nullptr) {
    gate = _mm256_add_ps(gate, _mm256_loadu_ps(block.bias + column));
    up = _mm256_add_ps(up, _mm256_loadu_ps(block.bias + hidden_columns + column));
  }
  __m256 slope = one;
  if (block.clamped) {
    // Of two values one of which is NaN, min and max give the second: NaN stays.
    const __m256 limit = _mm256_set1_ps(block.limit);
    gate = _mm256_min_ps(limit, gate);
    up = _mm256_min_ps(limit, _mm256_max_ps(_mm256_set1_ps(-block.limit), up));
    up = _mm256_add_ps(up, one);
    slope = _mm256_set1_ps(block.alpha);
  }
  return _mm256_mul_ps(sigmoid_weighted(gate, slope), up);
}

template <bool Rounded>
void activate(const HiddenBlock& block) {
  auto* to = static_cast<std::uint32_t*>(block.operands);
  const OperandTiles tiles = operand_tiles(block.row_count, most_rows);
  const int left = block.depth - block.first;
  for (int t = 0, first = 0; t < tiles.count; ++t) {
    const int height = rows_of(tiles, t);
    std::uint32_t* at = to + word_of_tile(block.row_count, block.depth, block_depth, first, height, block.first);
    for (int r = 0; r < height; ++r) {
      const float* sums = block.sums + (first + r) * panel_columns;
      alignas(32) std::uint32_t words[hidden_columns];
      for (int column = 0; column < hidden_columns; column += vector)
        store<Rounded>(words + column, hidden_of(block, sums, column));
      for (int column = block.columns; column < hidden_columns; ++column) words[column] = 0;
      scatter_words(words, left < hidden_columns ? left : hidden_columns, height, at + r);
    }
    first += height;
  }
}

}  // namespace

extern const PanelKernels avx2_f32_kernels = {4, pack<false>, multiply_avx2_f32, activate<false>};
extern const PanelKernels avx2_bf16_kernels = {4, pack<true>, multiply_avx2_bf16, activate<true>};

}  // namespace plimsoll::executor
