// The inner loops, one table of plain functions per instruction set and number type. A panel is 32 columns of a packed
// matrix (packed_expert.hpp); a product multiplies a few rows of operands by it.
//
// The contract for numbers: each sum is one accumulator that takes the products of its row and column with k ascending,
// beginning at +0, whatever other rows stand beside it. Between blocks of k it may rest in memory: its bits stay.
//   portable: product rounded, then sum rounded;  avx2, and avx512 for f32: one fused multiply-add;
//   avx512 for bf16: dpbf16ps over pairs, which flushes denormals.
//
// Plain declarations only: files compiled for one instruction set must define nothing that others share.
#pragma once

#include <cstddef>

namespace plimsoll::executor {

inline constexpr int panel_columns = 32;
// A panel is two halves one behind the other, of 16 columns each: a line of a cache holds 16 columns of one k (f32) or
// of one pair (bf16).
inline constexpr int half_columns = 16;
// Gate/up panels hold 16 columns of gate, then the same 16 columns of up.
inline constexpr int hidden_columns = 16;
// Rows of operands that one call of `multiply` takes at most, and panels: their sums stay near the first-level cache.
inline constexpr int rows_at_once = 96;
inline constexpr int panels_at_once = 2;

struct PanelProduct {
  const void* panels;    // panel_count of them one behind the other, 64-byte aligned
  int panel_count;       // 1 .. panels_at_once
  const void* operands;  // row_count rows as `pack` makes them
  int row_count;         // 1 .. rows_at_once
  int depth;             // elements of k, even for bf16
  float* sums;           // [panel_count][row_count][32], 64-byte aligned; overwritten
};

struct HiddenBlock {
  const float* sums;  // [row_count][16 gate, 16 up]
  int row_count;
  int columns;        // 1 .. 16: how many of the hidden elements exist; zeros stand behind the last
  const float* bias;  // [16 gate, 16 up], or nullptr
  bool clamped;
  float limit;
  float alpha;
  void* operands;  // of row_count rows of `depth` elements, of which this panel writes those from `first` on
  int first;
  int depth;
};

struct PanelKernels {
  std::size_t operand_bytes;  // of one element of an operand: 4 (f32) or 2 (bf16)
  // The first `count` elements of `rows` to operands of `padded` elements, zero behind (operand_tiles.hpp).
  void (*pack)(const float* const* rows, int row_count, int count, int padded, void* operands);
  void (*multiply)(const PanelProduct&);
  void (*activate)(const HiddenBlock&);
};

extern const PanelKernels portable_f32_kernels;
extern const PanelKernels portable_bf16_kernels;
extern const PanelKernels avx2_f32_kernels;
extern const PanelKernels avx2_bf16_kernels;
extern const PanelKernels avx512_f32_kernels;
extern const PanelKernels avx512_bf16_kernels;

}  // namespace plimsoll::executor
