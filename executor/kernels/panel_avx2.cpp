// Products with AVX2: 6 rows x 16 columns of sums stay in 12 registers, one half of a panel after the other per block
// of k; 2 rows take both halves at once, 1 row those of two panels. bf16 weights become f32 by a shift (even k) and a
// mask (odd k).
#include <immintrin.h>

#include <cstdint>

#include "executor/kernels/operand_tiles.hpp"
#include "executor/kernels/panel_kernels.hpp"
#include "executor/kernels/panel_products.hpp"

namespace plimsoll::executor {
namespace {

constexpr int most_rows = 6;
constexpr int line_bytes = half_columns * 4;

struct Bf16 {
  static constexpr int step = 2;  // k per line of 64 bytes of half a panel
  static constexpr int element_bytes = 2;
};
struct F32 {
  static constexpr int step = 1;
  static constexpr int element_bytes = 4;
};

// Fetches what the next block of k will read, in both halves, at the pace at which this one is worked off: all tiles of
// rows share the work, so that memory is busy all the time. Addresses may lie behind the panels' end; a fetch never
// faults.
struct Ahead {
  std::uintptr_t at;
  std::size_t half;
  std::uintptr_t step;  // bytes of each half per four lines that are worked off

  template <int Lines>
  void fetch() {
#pragma GCC unroll 2
    for (int line = 0; line < Lines; ++line) {
      _mm_prefetch(reinterpret_cast<const char*>(at + 64 * line), _MM_HINT_T0);
      _mm_prefetch(reinterpret_cast<const char*>(at + half + 64 * line), _MM_HINT_T0);
    }
    at += step;
  }
};

// sums[row][pair] += weights x operand of the row. 16 columns are a pair of vectors.
template <int Rows, int Halves>
[[gnu::always_inline]] inline void multiply_add(const __m256 (&w)[2], const float* operands, int half,
                                                __m256 (&sum)[Rows][2 * Halves]) {
#pragma GCC unroll 6
  for (int r = 0; r < Rows; ++r) {
    const __m256 factor = _mm256_broadcast_ss(operands + r);
#pragma GCC unroll 2
    for (int v = 0; v < 2; ++v) {
      // sum = fma(w, factor, sum), in place and in this order: given the intrinsic, GCC exchanges the roles of sum and
      // factor, loads ahead, and spills sums to the stack, which costs a third of the speed.
      asm volatile("vfmadd231ps %2, %1, %0" : "+x"(sum[r][2 * half + v]) : "x"(factor), "x"(w[v]));
    }
  }
}

// sums += operands x one line of each half. `weights` points at the line of the first half, further halves lie `half`
// bytes apart.
template <class Type, int Rows, int Halves>
[[gnu::always_inline]] inline void line_of(const std::uint8_t* weights, std::size_t half, const float* operands,
                                           __m256 (&sum)[Rows][2 * Halves]) {
#pragma GCC unroll 4
  for (int h = 0; h < Halves; ++h) {
    const auto* line = reinterpret_cast<const __m256i*>(weights + static_cast<std::size_t>(h) * half);
    __m256 w[2];
#pragma GCC unroll 2
    for (int v = 0; v < 2; ++v) {
      const __m256i whole = _mm256_load_si256(line + v);
      w[v] = _mm256_castsi256_ps(Type::step == 2 ? _mm256_slli_epi32(whole, 16) : whole);
    }
    multiply_add<Rows, Halves>(w, operands, h, sum);
  }
  if constexpr (Type::step == 2) {
    const __m256i mask = _mm256_set1_epi32(static_cast<int>(0xffff0000U));
#pragma GCC unroll 4
    for (int h = 0; h < Halves; ++h) {
      const auto* line = reinterpret_cast<const __m256i*>(weights + static_cast<std::size_t>(h) * half);
      // No instruction: the pairs are loaded again rather than kept in registers that sums need.
      asm volatile("" : "+r"(line));
      __m256 w[2];
#pragma GCC unroll 2
      for (int v = 0; v < 2; ++v) w[v] = _mm256_castsi256_ps(_mm256_and_si256(mask, _mm256_load_si256(line + v)));
      multiply_add<Rows, Halves>(w, operands + Rows, h, sum);
    }
  }
}

// Rows x (16 Halves) sums += operands x `lines` lines of each half; sums of further panels lie `panel_sums` numbers
// apart. FetchLines: of each half per four lines. Loops over sums are unrolled by pragma: only then do compilers keep
// them in registers.
template <class Type, int Rows, int Halves, int FetchLines>
inline void accumulate(const std::uint8_t* weights, std::size_t half, const float* operands, int lines, float* sums,
                       std::ptrdiff_t panel_sums, Ahead ahead) {
  __m256 sum[Rows][2 * Halves];
#pragma GCC unroll 6
  for (int r = 0; r < Rows; ++r) {
#pragma GCC unroll 8
    for (int v = 0; v < 2 * Halves; ++v)
      sum[r][v] = _mm256_load_ps(sums + v / 4 * panel_sums + r * panel_columns + v % 4 * 8);
  }
  int line = 0;
  for (; line + 4 <= lines; line += 4) {
    ahead.fetch<FetchLines>();
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i)
      line_of<Type, Rows, Halves>(weights + i * line_bytes, half, operands + i * Type::step * Rows, sum);
    weights += 4 * line_bytes;
    operands += 4 * Type::step * Rows;
  }
  for (; line < lines; ++line) {
    line_of<Type, Rows, Halves>(weights, half, operands, sum);
    weights += line_bytes;
    operands += Type::step * Rows;
  }
#pragma GCC unroll 6
  for (int r = 0; r < Rows; ++r) {
#pragma GCC unroll 8
    for (int v = 0; v < 2 * Halves; ++v)
      _mm256_store_ps(sums + v / 4 * panel_sums + r * panel_columns + v % 4 * 8, sum[r][v]);
  }
}

// A tile of rows over one block of k. Up to 2 rows leave the fetching to the processor: it runs ahead of two or four
// steady streams better than instructions do. More rows read in bursts of one block, where it cannot.
template <class Type, int Rows, int FetchLines>
void tile(const std::uint8_t* weights, std::size_t half, const float* operands, int lines, float* sums, Ahead ahead) {
  if constexpr (Rows <= 2) {
    accumulate<Type, Rows, 2, 0>(weights, half, operands, lines, sums, 0, ahead);
  } else {
    accumulate<Type, Rows, 1, FetchLines>(weights, half, operands, lines, sums, 0, ahead);
    ahead.at += ahead.step * static_cast<std::uintptr_t>(lines / 4);
    accumulate<Type, Rows, 1, FetchLines>(weights + half, half, operands, lines, sums + half_columns, 0, ahead);
  }
}

// Block of k by block, and in each panel by panel: the second finds the operands in the first-level cache, and a fetch
// has a whole block's time.
template <class Type>
void multiply(const PanelProduct& product) {
  using Tile = void (*)(const std::uint8_t*, std::size_t, const float*, int, float*, Ahead);
  static constexpr Tile alone[most_rows + 1] = {nullptr,          tile<Type, 1, 2>, tile<Type, 2, 2>, tile<Type, 3, 2>,
                                                tile<Type, 4, 2>, tile<Type, 5, 2>, tile<Type, 6, 2>};
  static constexpr Tile one_of_many[most_rows + 1] = {
      nullptr, nullptr, nullptr, tile<Type, 3, 1>, tile<Type, 4, 1>, tile<Type, 5, 1>, tile<Type, 6, 1>};
  const int rows = product.row_count;
  const int depth = product.depth;
  const auto* panels = static_cast<const std::uint8_t*>(product.panels);
  const auto* operands = static_cast<const float*>(product.operands);
  const std::size_t half = static_cast<std::size_t>(depth) * half_columns * Type::element_bytes;
  const std::ptrdiff_t panel_sums = static_cast<std::ptrdiff_t>(rows) * panel_columns;
  for (std::ptrdiff_t n = panel_sums * product.panel_count / 8; n-- > 0;)
    _mm256_store_ps(product.sums + 8 * n, _mm256_setzero_ps());
  if (rows == 1 && product.panel_count == 2) {
    accumulate<Type, 1, 4, 0>(panels, half, operands, depth / Type::step, product.sums, panel_sums, {});
    return;
  }
  const OperandTiles tiles = operand_tiles(rows, most_rows);
  const Tile* of_rows = tiles.count == 1 ? alone : one_of_many;
  const std::uintptr_t step = 128U / static_cast<unsigned>(tiles.count);
  for (int k = 0; k < depth; k += block_depth) {
    const int count = depth - k < block_depth ? depth - k : block_depth;
    const int lines = count / Type::step;
    for (int p = 0; p < product.panel_count; ++p) {
      const std::uint8_t* weights =
          panels + 2 * half * static_cast<std::size_t>(p) + static_cast<std::size_t>(k) / Type::step * line_bytes;
      const std::uint8_t* next = p + 1 < product.panel_count
                                     ? weights + 2 * half
                                     : panels + static_cast<std::size_t>(k + block_depth) / Type::step * line_bytes;
      Ahead ahead{reinterpret_cast<std::uintptr_t>(next), half, step};
      const float* of_tile = operands + static_cast<std::ptrdiff_t>(k) * rows;
      float* sums = product.sums + p * panel_sums;
      for (int t = 0; t < tiles.count; ++t) {
        const int height = rows_of(tiles, t);
        of_rows[height](weights, half, of_tile, lines, sums, ahead);
        of_tile += static_cast<std::ptrdiff_t>(count) * height;
        sums += height * panel_columns;
        ahead.at += step * static_cast<std::uintptr_t>(lines / 2);
      }
    }
  }
}

}  // namespace

void multiply_avx2_f32(const PanelProduct& product) { multiply<F32>(product); }
void multiply_avx2_bf16(const PanelProduct& product) { multiply<Bf16>(product); }

}  // namespace plimsoll::executor
