// Products with AVX-512: 8 rows x 32 columns of sums in 16 registers. bf16 weights lie in pairs of k as dpbf16ps takes
// them; operands are pairs, too, and broadcast from memory.
#include <immintrin.h>

#include <cstdint>

#include "executor/kernels/panel_kernels.hpp"
#include "executor/kernels/swiglu_avx512.hpp"

namespace plimsoll::executor {
namespace {

// 16 sums hide the latency of dpbf16ps, and 8 pointers to rows stay in registers.
constexpr int most_rows = 8;
// Lines of half a panel (64 bytes, one per f32 or pair of bf16) in one block: two times 4 KiB, as panel_avx2.cpp.
constexpr int block_lines = 64;
constexpr int line_bytes = 4 * half_columns;

struct Bf16 {
  static constexpr int step = 2;
  static constexpr int element_bytes = 2;
  static __m512 fused(__m512 sum, __m512 weights, const std::uint8_t* operand) {
    std::int32_t pair;
    __builtin_memcpy(&pair, operand, sizeof pair);
    return _mm512_dpbf16_ps(sum, (__m512bh)weights, (__m512bh)_mm512_set1_epi32(pair));
  }
};
struct F32 {
  static constexpr int step = 1;
  static constexpr int element_bytes = 4;
  static __m512 fused(__m512 sum, __m512 weights, const std::uint8_t* operand) {
    float value;
    __builtin_memcpy(&value, operand, sizeof value);
    return _mm512_fmadd_ps(weights, _mm512_set1_ps(value), sum);
  }
};

// All tiles of rows share the fetching of the next block of k. The address may lie behind the panels' end; a fetch
// never faults. `step`: bytes per line.
struct Ahead {
  std::uintptr_t at;
  std::uintptr_t step;
};

// Rows x 32 sums += operands x lines; operands begin `offset` bytes behind the rows' begin. Every line is 4 bytes of an
// operand.
template <class Type, int Rows>
void tile(const std::uint8_t* weights, std::size_t half, const std::uint8_t* const* rows, std::int64_t offset,
          int lines, float* sums, Ahead ahead) {
  __m512 low[Rows];
  __m512 high[Rows];
  const std::uint8_t* x[Rows];
#pragma GCC unroll 8
  for (int r = 0; r < Rows; ++r) {
    low[r] = _mm512_load_ps(sums + r * panel_columns);
    high[r] = _mm512_load_ps(sums + r * panel_columns + half_columns);
    x[r] = rows[r] + offset;
  }
  const std::int64_t end = 4 * static_cast<std::int64_t>(lines);
  for (std::int64_t i = 0; i < end; i += 4) {
    // Up to 2 rows leave it to the processor, which runs ahead of two steady streams better than instructions do.
    if constexpr (Rows > 2) {
      _mm_prefetch(reinterpret_cast<const char*>(ahead.at), _MM_HINT_T0);
      _mm_prefetch(reinterpret_cast<const char*>(ahead.at + half), _MM_HINT_T0);
      ahead.at += ahead.step;
    }
    const __m512 first = _mm512_load_ps(reinterpret_cast<const float*>(weights));
    const __m512 second = _mm512_load_ps(reinterpret_cast<const float*>(weights + half));
    weights += line_bytes;
#pragma GCC unroll 8
    for (int r = 0; r < Rows; ++r) {
      low[r] = Type::fused(low[r], first, x[r] + i);
      high[r] = Type::fused(high[r], second, x[r] + i);
    }
  }
#pragma GCC unroll 8
  for (int r = 0; r < Rows; ++r) {
    _mm512_store_ps(sums + r * panel_columns, low[r]);
    _mm512_store_ps(sums + r * panel_columns + half_columns, high[r]);
  }
}

template <class Type>
void multiply(const PanelProduct& product) {
  using Tile = void (*)(const std::uint8_t*, std::size_t, const std::uint8_t* const*, std::int64_t, int, float*, Ahead);
  static constexpr Tile tiles[most_rows + 1] = {nullptr,       tile<Type, 1>, tile<Type, 2>,
                                                tile<Type, 3>, tile<Type, 4>, tile<Type, 5>,
                                                tile<Type, 6>, tile<Type, 7>, tile<Type, 8>};
  const auto* panel = static_cast<const std::uint8_t*>(product.panel);
  const auto* rows = reinterpret_cast<const std::uint8_t* const*>(product.rows);
  const int tile_count = (product.row_count + most_rows - 1) / most_rows;
  // Tiles of nearly equal height: fewer than 4 rows wait for their sums.
  const int height = product.row_count / tile_count;
  const int higher = product.row_count % tile_count;
  const std::uintptr_t step = 64U / static_cast<unsigned>(tile_count);
  const int all_lines = product.depth / Type::step;
  const std::size_t half = static_cast<std::size_t>(all_lines) * line_bytes;
  for (int n = product.row_count * 2; n-- > 0;) _mm512_store_ps(product.sums + 16 * n, _mm512_setzero_ps());
  for (int line = 0; line < all_lines; line += block_lines) {
    const int lines = all_lines - line < block_lines ? all_lines - line : block_lines;
    const std::uint8_t* weights = panel + static_cast<std::size_t>(line) * line_bytes;
    Ahead ahead{reinterpret_cast<std::uintptr_t>(weights) + block_lines * line_bytes, step};
    for (int t = 0, row = 0; t < tile_count; ++t) {
      const int of_tile = height + (t < higher ? 1 : 0);
      tiles[of_tile](weights, half, rows + row, 4 * static_cast<std::int64_t>(line), lines,
                     product.sums + row * panel_columns, ahead);
      row += of_tile;
      ahead.at += step * static_cast<std::uintptr_t>(lines);
    }
  }
}

template <class Type>
void store(void* to, __mmask16 mask, __m512 value) {
  if constexpr (Type::element_bytes == 2) {
    _mm256_mask_storeu_epi16(to, mask, (__m256i)_mm512_cvtneps_pbh(value));
  } else {
    _mm512_mask_storeu_ps(to, mask, value);
  }
}

__mmask16 first_lanes(int count) { return static_cast<__mmask16>(count >= 16 ? 0xffffU : (1U << count) - 1U); }

template <class Type>
void prepare(const float* from, int count, int padded, void* to) {
  auto* at = static_cast<std::uint8_t*>(to);
  for (int k = 0; k < padded; k += 16) {
    const int exist = count > k ? count - k : 0;
    const __m512 value = _mm512_maskz_loadu_ps(first_lanes(exist), from + k);
    store<Type>(at + static_cast<std::size_t>(k) * Type::element_bytes, first_lanes(padded - k), value);
  }
}

template <class Type>
void activate(const HiddenBlock& block) {
  const __mmask16 mask = first_lanes(block.columns);
  for (int r = 0; r < block.row_count; ++r) {
    const float* sums = block.sums + r * panel_columns;
    __m512 gate = _mm512_load_ps(sums);
    __m512 up = _mm512_load_ps(sums + hidden_columns);
    if (block.bias != nullptr) {
      gate = _mm512_add_ps(gate, _mm512_loadu_ps(block.bias));
      up = _mm512_add_ps(up, _mm512_loadu_ps(block.bias + hidden_columns));
    }
    __m512 slope = _mm512_set1_ps(1.0F);
    if (block.clamped) {
      // Of two values one of which is NaN, min and max give the second: NaN stays.
      const __m512 limit = _mm512_set1_ps(block.limit);
      gate = _mm512_min_ps(limit, gate);
      up = _mm512_min_ps(limit, _mm512_max_ps(_mm512_set1_ps(-block.limit), up));
      up = _mm512_add_ps(up, _mm512_set1_ps(1.0F));
      slope = _mm512_set1_ps(block.alpha);
    }
    const __m512 value = _mm512_mul_ps(sigmoid_weighted(gate, slope), up);
    store<Type>(static_cast<std::uint8_t*>(block.hidden) + static_cast<std::size_t>(r) * block.hidden_stride, mask,
                value);
  }
}

}  // namespace

extern const PanelKernels avx512_f32_kernels = {4, prepare<F32>, multiply<F32>, activate<F32>};
extern const PanelKernels avx512_bf16_kernels = {2, prepare<Bf16>, multiply<Bf16>, activate<Bf16>};

}  // namespace plimsoll::executor
