// Kernels over the keys or values of one block, for one instruction set and one number type.
//
// Operands. Row operands (queries, softmax weights) are row-major; their numbers are f32, or bf16 where dot products of
// bf16 pairs are used (row_bytes says which). Block operands are panels of 16 columns: bf16 [panel][depth / 2][16][2],
// f32 [panel][depth][16]. Keys have one column per key and the head's dimensions as depth; values have one column per
// dimension and the block's keys as depth. So lanes are keys for the former, dimensions for the latter.
//
// Numbers. An element of a product is ONE chain of sums over depth in ascending order, whatever the number of rows; a
// row's softmax depends on this row alone. So bits do not depend on how rows are put together. NaN and infinity pass
// through. exp() is a polynomial with relative error below 2^-21, that of weigh with an error below 2^-21 of the row's
// largest weight; what would be below 2^-126 is 0.
#pragma once

#include <cstddef>

#include "executor/kernels/expert_shape.hpp"
#include "executor/kernels/isa.hpp"

namespace plimsoll::executor {

inline constexpr int block_panel_columns = 16;

struct BlockKernels {
  int row_bytes;  // of one number of a row operand

  // f32 -> row operand (rounded to the number type: bf16 queries are bf16 on every instruction set).
  void (*pack_row)(const float* from, int count, void* to);

  // product[row][column] = sum over k < depth of rows[row][k] * panels[k][column]. Panels are `panel_depth` deep, of
  // which the first `depth` count: what lies behind is not touched by arithmetic. An odd depth needs rows[row][depth]
  // = 0. Strides in numbers. `columns` is a multiple of 16. While the last panel is worked off, what begins at `next`
  // is fetched, as each panel is while the one before it is worked off; null: nothing.
  void (*multiply)(const void* rows, std::ptrdiff_t row_stride, int row_count, int depth, const void* panels,
                   int panel_depth, int columns, float* product, std::ptrdiff_t product_stride, const void* next);

  // For each row: s = scores * scale over the first `visible` columns (1 to 128); maximum = max(s) (NaN ignored, -inf
  // if there is nothing else); weights = exp(s - maximum), then one 0 if `visible` is odd; sum = sum of the weights as
  // they are stored. Where the maximum is -inf, exp(s): 0 or NaN.
  void (*weigh)(const float* scores, std::ptrdiff_t score_stride, int row_count, int visible, float scale,
                void* weights, std::ptrdiff_t weight_stride, float* maximum, float* sum);

  // Joins two softmax-weighted sums over different keys: (maximum, sum, output)[row] <- itself and (part_...)[row].
  // Outputs are [row][width] and not yet divided by their sums; `width` is a multiple of 16. Nothing is -inf, 0, 0.
  void (*merge)(int row_count, int width, float* maximum, float* sum, float* output, const float* part_maximum,
                const float* part_sum, const float* part_output);

  // maxima[row * stride] = max over the 128 columns of the product above; NaN ignored, -inf if there is nothing else.
  void (*block_maxima)(const void* rows, std::ptrdiff_t row_stride, int row_count, int depth, const void* panels,
                       float* maxima, std::ptrdiff_t maxima_stride, const void* next);
};

// The instruction set must be there: see has_isa().
[[nodiscard]] const BlockKernels& block_kernels(Isa isa, NumberType type);

// One per file that is compiled for an instruction set.
extern const BlockKernels portable_bf16_block_kernels;
extern const BlockKernels portable_f32_block_kernels;
extern const BlockKernels avx2_bf16_block_kernels;
extern const BlockKernels avx2_f32_block_kernels;
extern const BlockKernels avx512_bf16_block_kernels;
extern const BlockKernels avx512_f32_block_kernels;

}  // namespace plimsoll::executor
