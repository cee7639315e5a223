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
// Rows of operands that one call of `multiply` takes at most: their sums stay in the first-level cache.
inline constexpr int rows_at_once = 96;

struct PanelProduct {
  const void* panel;        // 64-byte aligned
  const void* const* rows;  // row_count operands of `depth` elements each (bf16: padded with zero to a whole pair)
  int row_count;            // 1 .. rows_at_once
  int depth;                // elements of k, even for bf16
  float* sums;              // [row_count][32], 64-byte aligned; overwritten
};

struct HiddenBlock {
  float* sums;  // [row_count][16 gate, 16 up]; spent
  int row_count;
  int columns;        // 1 .. 16: how many of the hidden elements exist
  const float* bias;  // [16 gate, 16 up], or nullptr
  bool clamped;
  float limit;
  float alpha;
  void* hidden;               // operand rows; element 0 is this panel's first
  std::size_t hidden_stride;  // bytes from row to row
};

struct PanelKernels {
  std::size_t operand_bytes;  // of one element of an operand row: 4 (f32) or 2 (bf16)
  // count plain elements to `padded` elements of an operand row, zero behind.
  void (*prepare)(const float* from, int count, int padded, void* to);
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
