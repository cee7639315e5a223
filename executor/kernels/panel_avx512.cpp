// Products with AVX-512: 8 rows x 32 columns of sums in 16 registers, up to 4 rows those of two panels. bf16 weights
// lie in pairs of k as dpbf16ps takes them; operands are pairs, too, and broadcast from memory.
#include <immintrin.h>

#include <cstdint>

#include "executor/kernels/operand_tiles.hpp"
#include "executor/kernels/panel_kernels.hpp"
#include "executor/kernels/panel_products.hpp"

namespace plimsoll::executor {
namespace {

constexpr int most_rows = 8;  // 16 sums hide the latency of dpbf16ps
constexpr int line_bytes = 4 * half_columns;

struct Bf16 {
  static constexpr int step = 2;  // k per line of 64 bytes of half a panel, and per word of an operand
  static __m512 fused(__m512 sum, __m512 weights, std::uint32_t word) {
    return _mm512_dpbf16_ps(sum, (__m512bh)weights, (__m512bh)_mm512_set1_epi32(static_cast<int>(word)));
  }
};
struct F32 {
  static constexpr int step = 1;
  static __m512 fused(__m512 sum, __m512 weights, std::uint32_t word) {
    return _mm512_fmadd_ps(weights, _mm512_castsi512_ps(_mm512_set1_epi32(static_cast<int>(word))), sum);
  }
};

// All tiles of rows share the fetching of the next block of k. The address may lie behind the panels' end; a fetch
// never faults. `step`: bytes per line that is worked off.
struct Ahead {
  std::uintptr_t at;
  std::uintptr_t step;
};

// Rows x (16 Halves) sums += operands x `lines` lines of each half; halves lie `half` bytes apart, sums of further
// panels `panel_sums` numbers.
template <class Type, int Rows, int Halves>
void tile(const std::uint8_t* weights, std::size_t half, const std::uint32_t* operands, int lines, float* sums,
          std::ptrdiff_t panel_sums, Ahead ahead) {
  __m512 sum[Rows][Halves];
#pragma GCC unroll 8
  for (int r = 0; r < Rows; ++r) {
#pragma GCC unroll 4
    for (int h = 0; h < Halves; ++h)
      sum[r][h] = _mm512_load_ps(sums + h / 2 * panel_sums + r * panel_columns + h % 2 * half_columns);
  }
  for (int line = 0; line < lines; ++line) {
    // Up to 2 rows leave it to the processor, which runs ahead of steady streams better than instructions do.
    if constexpr (Rows > 2) {
#pragma GCC unroll 4
      for (int h = 0; h < Halves; ++h)
        _mm_prefetch(reinterpret_cast<const char*>(ahead.at + static_cast<std::size_t>(h) * half), _MM_HINT_T0);
      ahead.at += ahead.step;
    }
    __m512 w[Halves];
#pragma GCC unroll 4
    for (int h = 0; h < Halves; ++h)
      w[h] = _mm512_load_ps(reinterpret_cast<const float*>(weights + static_cast<std::size_t>(h) * half));
    weights += line_bytes;
#pragma GCC unroll 8
    for (int r = 0; r < Rows; ++r) {
#pragma GCC unroll 4
      for (int h = 0; h < Halves; ++h) sum[r][h] = Type::fused(sum[r][h], w[h], operands[r]);
    }
    operands += Rows;
  }
#pragma GCC unroll 8
  for (int r = 0; r < Rows; ++r) {
#pragma GCC unroll 4
    for (int h = 0; h < Halves; ++h)
      _mm512_store_ps(sums + h / 2 * panel_sums + r * panel_columns + h % 2 * half_columns, sum[r][h]);
  }
}

using Tile = void (*)(const std::uint8_t*, std::size_t, const std::uint32_t*, int, float*, std::ptrdiff_t, Ahead);

// As multiply of panel_avx2.cpp.
template <class Type>
void multiply(const PanelProduct& product) {
  static constexpr Tile one_panel[most_rows + 1] = {nullptr,          tile<Type, 1, 2>, tile<Type, 2, 2>,
                                                    tile<Type, 3, 2>, tile<Type, 4, 2>, tile<Type, 5, 2>,
                                                    tile<Type, 6, 2>, tile<Type, 7, 2>, tile<Type, 8, 2>};
  static constexpr Tile two_panels[] = {nullptr, tile<Type, 1, 4>, tile<Type, 2, 4>, tile<Type, 3, 4>,
                                        tile<Type, 4, 4>};
  constexpr int block_lines = block_depth / Type::step;
  const int rows = product.row_count;
  const int all_lines = product.depth / Type::step;
  const auto* panels = static_cast<const std::uint8_t*>(product.panels);
  const auto* operands = static_cast<const std::uint32_t*>(product.operands);
  const std::size_t half = static_cast<std::size_t>(all_lines) * line_bytes;
  const std::ptrdiff_t panel_sums = static_cast<std::ptrdiff_t>(rows) * panel_columns;
  for (std::ptrdiff_t n = panel_sums * product.panel_count / half_columns; n-- > 0;)
    _mm512_store_ps(product.sums + half_columns * n, _mm512_setzero_ps());
  if (rows <= 4 && product.panel_count == 2) {
    // One tile: its operands are one stream over all blocks.
    const Ahead ahead{reinterpret_cast<std::uintptr_t>(panels) + block_lines * line_bytes, line_bytes};
    two_panels[rows](panels, half, operands, all_lines, product.sums, panel_sums, ahead);
    return;
  }
  const OperandTiles tiles = operand_tiles(rows, most_rows);
  const std::uintptr_t step = 64U / static_cast<unsigned>(tiles.count);
  for (int line = 0; line < all_lines; line += block_lines) {
    const int lines = all_lines - line < block_lines ? all_lines - line : block_lines;
    for (int p = 0; p < product.panel_count; ++p) {
      const std::uint8_t* weights =
          panels + 2 * half * static_cast<std::size_t>(p) + static_cast<std::size_t>(line) * line_bytes;
      const std::uint8_t* next = p + 1 < product.panel_count
                                     ? weights + 2 * half
                                     : panels + static_cast<std::size_t>(line + block_lines) * line_bytes;
      Ahead ahead{reinterpret_cast<std::uintptr_t>(next), step};
      const std::uint32_t* of_tile = operands + static_cast<std::ptrdiff_t>(line) * rows;
      float* sums = product.sums + p * panel_sums;
      for (int t = 0; t < tiles.count; ++t) {
        const int height = rows_of(tiles, t);
        one_panel[height](weights, half, of_tile, lines, sums, 0, ahead);
        of_tile += static_cast<std::ptrdiff_t>(lines) * height;
        sums += height * panel_columns;
        ahead.at += step * static_cast<std::uintptr_t>(lines);
      }
    }
  }
}

}  // namespace

void multiply_avx512_f32(const PanelProduct& product) { multiply<F32>(product); }
void multiply_avx512_bf16(const PanelProduct& product) { multiply<Bf16>(product); }

}  // namespace plimsoll::executor
