// Products with AVX2: 6 rows x 16 columns of sums stay in 12 registers, one half of a panel after the other per block
// of k; up to 2 rows take both halves at once. bf16 weights become f32 by a shift (even k) and a mask (odd k).
#include <immintrin.h>

#include <cstdint>

#include "executor/kernels/panel_kernels.hpp"
#include "executor/kernels/swiglu_avx2.hpp"

namespace plimsoll::executor {
namespace {

constexpr int most_rows = 6;
// One block of a panel's k, two times 4 KiB in bf16: it and the block that is fetched meanwhile leave half of the
// first-level cache to the operands.
constexpr int block_depth = 128;

struct Bf16 {
  static constexpr int step = 2;  // k per line of 64 bytes of half a panel
  static constexpr int element_bytes = 2;
};
struct F32 {
  static constexpr int step = 1;
  static constexpr int element_bytes = 4;
};

// Fetches what the next block of k will read, in both halves in turn, at the pace at which this one is worked off: all
// tiles of rows share the work, so that memory is busy all the time. Addresses may lie behind the panels' end; a fetch
// never faults.
struct Ahead {
  std::uintptr_t at;
  std::uintptr_t other;  // the same line of the other half
  std::uintptr_t step;
  void fetch() {
    _mm_prefetch(reinterpret_cast<const char*>(at), _MM_HINT_T0);
    const std::uintptr_t next = at + step;
    at = other;
    other = next;
  }
};

template <int Rows, int Vectors>
[[gnu::always_inline]] inline void multiply(const __m256 (&w)[Vectors], const float* const (&x)[Rows], std::int64_t k,
                                            __m256 (&sum)[Rows][Vectors]) {
#pragma GCC unroll 6
  for (int r = 0; r < Rows; ++r) {
    const __m256 factor = _mm256_broadcast_ss(x[r] + k);
#pragma GCC unroll 4
    for (int v = 0; v < Vectors; ++v) {
      // sum = fma(w, factor, sum), in place and in this order: given the intrinsic, GCC exchanges the roles of sum and
      // factor, loads ahead, and spills sums to the stack, which costs a third of the speed.
      asm volatile("vfmadd231ps %2, %1, %0" : "+x"(sum[r][v]) : "x"(factor), "x"(w[v]));
    }
  }
}

// Rows x (8 Vectors) sums += operands [k, k + count) x weights; `weights` points at the first k of a half, the other
// half lies `half` bytes behind. Loops over sums are unrolled by pragma: only then do compilers keep them in registers.
template <class Type, int Rows, int Vectors, bool Fetch>
inline void accumulate(const std::uint8_t* weights, std::size_t half, const float* const* rows, int k, int count,
                       float* sums, Ahead ahead) {
  __m256 sum[Rows][Vectors];
  const float* x[Rows];
#pragma GCC unroll 6
  for (int r = 0; r < Rows; ++r) {
    x[r] = rows[r] + k;
#pragma GCC unroll 4
    for (int v = 0; v < Vectors; ++v) sum[r][v] = _mm256_load_ps(sums + r * panel_columns + 8 * v);
  }
  const __m256i mask = _mm256_set1_epi32(static_cast<int>(0xffff0000U));
  for (std::int64_t i = 0; i < count; i += Type::step) {
    if constexpr (Fetch) ahead.fetch();
    __m256 w[Vectors];
    if constexpr (Type::step == 2) {
      const auto* pairs = reinterpret_cast<const __m256i*>(weights);
      const auto* far = reinterpret_cast<const __m256i*>(weights + half);
#pragma GCC unroll 4
      for (int v = 0; v < Vectors; ++v)
        w[v] = _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_load_si256(v < 2 ? pairs + v : far + (v - 2)), 16));
      multiply(w, x, i, sum);
      // No instruction either: the pairs are loaded again rather than kept in registers that sums need.
      asm volatile("" : "+r"(pairs), "+r"(far));
#pragma GCC unroll 4
      for (int v = 0; v < Vectors; ++v) {
        w[v] = _mm256_castsi256_ps(_mm256_and_si256(mask, _mm256_load_si256(v < 2 ? pairs + v : far + (v - 2))));
      }
      multiply(w, x, i + 1, sum);
    } else {
#pragma GCC unroll 4
      for (int v = 0; v < Vectors; ++v)
        w[v] = _mm256_load_ps(reinterpret_cast<const float*>(v < 2 ? weights : weights + half) + 8 * (v % 2));
      multiply(w, x, i, sum);
    }
    weights += half_columns * 4;
  }
#pragma GCC unroll 6
  for (int r = 0; r < Rows; ++r) {
#pragma GCC unroll 4
    for (int v = 0; v < Vectors; ++v) _mm256_store_ps(sums + r * panel_columns + 8 * v, sum[r][v]);
  }
}

// A tile of rows over one block of k. Up to 2 rows leave the fetching to the processor: it runs ahead of two steady
// streams better than instructions do. More rows read in bursts of one block, where it cannot.
template <class Type, int Rows>
void tile(const std::uint8_t* weights, std::size_t half, const float* const* rows, int k, int count, float* sums,
          Ahead ahead) {
  if constexpr (Rows <= 2) {
    accumulate<Type, Rows, 4, false>(weights, half, rows, k, count, sums, ahead);
  } else {
    accumulate<Type, Rows, 2, true>(weights, half, rows, k, count, sums, ahead);
    const std::uintptr_t done = ahead.step * static_cast<std::uintptr_t>(count / Type::step / 2);
    ahead.at += done;
    ahead.other += done;
    accumulate<Type, Rows, 2, true>(weights + half, half, rows, k, count, sums + half_columns, ahead);
  }
}

template <class Type>
void multiply(const PanelProduct& product) {
  using Tile = void (*)(const std::uint8_t*, std::size_t, const float* const*, int, int, float*, Ahead);
  static constexpr Tile tiles[most_rows + 1] = {nullptr,       tile<Type, 1>, tile<Type, 2>, tile<Type, 3>,
                                                tile<Type, 4>, tile<Type, 5>, tile<Type, 6>};
  const auto* panel = static_cast<const std::uint8_t*>(product.panel);
  const auto* rows = reinterpret_cast<const float* const*>(product.rows);
  const int tile_count = (product.row_count + most_rows - 1) / most_rows;
  // Tiles of nearly equal height: a last tile of one row would take as long as one of three.
  const int height = product.row_count / tile_count;
  const int higher = product.row_count % tile_count;
  const std::size_t half = static_cast<std::size_t>(product.depth) * half_columns * Type::element_bytes;
  const std::uintptr_t step = 64U / static_cast<unsigned>(tile_count);
  for (int n = product.row_count * panel_columns / 8; n-- > 0;)
    _mm256_store_ps(product.sums + 8 * n, _mm256_setzero_ps());
  for (int k = 0; k < product.depth; k += block_depth) {
    const int count = product.depth - k < block_depth ? product.depth - k : block_depth;
    const std::uint8_t* weights = panel + static_cast<std::size_t>(k) * half_columns * Type::element_bytes;
    const std::uintptr_t next =
        reinterpret_cast<std::uintptr_t>(weights) + block_depth * half_columns * Type::element_bytes;
    Ahead ahead{next, next + half, step};
    for (int t = 0, row = 0; t < tile_count; ++t) {
      const int of_tile = height + (t < higher ? 1 : 0);
      tiles[of_tile](weights, half, rows + row, k, count, product.sums + row * panel_columns, ahead);
      row += of_tile;
      ahead.at += step * static_cast<std::uintptr_t>(count / Type::step);
      ahead.other += step * static_cast<std::uintptr_t>(count / Type::step);
    }
  }
}

template <bool Rounded>
void prepare(const float* from, int count, int padded, void* to) {
  auto* at = static_cast<float*>(to);
  int k = 0;
  for (; k + 8 <= count; k += 8) {
    const __m256 value = _mm256_loadu_ps(from + k);
    _mm256_storeu_ps(at + k, Rounded ? rounded_to_bf16(value) : value);
  }
  if (k < padded) {
    alignas(32) float rest[8] = {};
    for (int i = k; i < count; ++i) rest[i - k] = from[i];
    if (Rounded) _mm256_store_ps(rest, rounded_to_bf16(_mm256_load_ps(rest)));
    for (int i = k; i < padded; ++i) at[i] = rest[i - k];
  }
}

template <bool Rounded>
void activate(const HiddenBlock& block) {
  const __m256 zero = _mm256_setzero_ps();
  for (int r = 0; r < block.row_count; ++r) {
    const float* sums = block.sums + r * panel_columns;
    alignas(32) float hidden[hidden_columns];
    for (int v = 0; v < 2; ++v) {
      __m256 gate = _mm256_load_ps(sums + 8 * v);
      __m256 up = _mm256_load_ps(sums + hidden_columns + 8 * v);
      if (block.bias != nullptr) {
        gate = _mm256_add_ps(gate, _mm256_loadu_ps(block.bias + 8 * v));
        up = _mm256_add_ps(up, _mm256_loadu_ps(block.bias + hidden_columns + 8 * v));
      }
      __m256 slope = _mm256_set1_ps(1.0F);
      if (block.clamped) {
        // Of two values one of which is NaN, min and max give the second: NaN stays.
        const __m256 limit = _mm256_set1_ps(block.limit);
        gate = _mm256_min_ps(limit, gate);
        up = _mm256_min_ps(limit, _mm256_max_ps(_mm256_sub_ps(zero, limit), up));
        up = _mm256_add_ps(up, _mm256_set1_ps(1.0F));
        slope = _mm256_set1_ps(block.alpha);
      }
      const __m256 value = _mm256_mul_ps(sigmoid_weighted(gate, slope), up);
      _mm256_store_ps(hidden + 8 * v, Rounded ? rounded_to_bf16(value) : value);
    }
    auto* to = reinterpret_cast<float*>(static_cast<std::uint8_t*>(block.hidden) +
                                        static_cast<std::size_t>(r) * block.hidden_stride);
    if (block.columns == hidden_columns) {
      _mm256_storeu_ps(to, _mm256_load_ps(hidden));
      _mm256_storeu_ps(to + 8, _mm256_load_ps(hidden + 8));
    } else {
      for (int c = 0; c < block.columns; ++c) to[c] = hidden[c];
    }
  }
}

}  // namespace

extern const PanelKernels avx2_f32_kernels = {4, prepare<false>, multiply<F32>, activate<false>};
extern const PanelKernels avx2_bf16_kernels = {4, prepare<true>, multiply<Bf16>, activate<true>};

}  // namespace plimsoll::executor
