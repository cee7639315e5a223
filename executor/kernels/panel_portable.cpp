// Products in packets of fixed size, which Eigen turns into the vectors that the compiler was allowed. Every product
// and every sum is rounded, so the packets' length leaves no trace in the results.
#include <Eigen/Core>
#include <algorithm>
#include <cstdint>
#include <cstring>

#include "executor/kernels/bfloat16.hpp"
#include "executor/kernels/expert_shape.hpp"
#include "executor/kernels/operand_tiles.hpp"
#include "executor/kernels/panel_kernels.hpp"
#include "executor/kernels/swiglu_portable.hpp"

namespace plimsoll::executor {
namespace {

// Half a panel: with SSE2, two rows of it take 8 of 16 registers, the weights 4.
constexpr int columns = half_columns;
constexpr int most_rows = 2;
using Packet = Eigen::Array<float, columns, 1>;
using Words = Eigen::Array<std::uint32_t, columns, 1>;

Packet as_floats(const Words& words) {
  Packet floats;
  std::memcpy(floats.data(), words.data(), sizeof floats);
  return floats;
}

// Sums of Rows rows over one block of k; operands lie [k][Rows].
template <NumberType Type, int Rows>
void tile(const std::byte* weights, const float* operands, int depth, float* sums) {
  Packet sum[Rows];
  for (int r = 0; r < Rows; ++r) sum[r] = Eigen::Map<const Packet>(sums + r * panel_columns);
  constexpr int step = Type == NumberType::bf16 ? 2 : 1;
  for (int k = 0; k < depth; k += step, weights += columns * 4, operands += step * Rows) {
    if constexpr (Type == NumberType::bf16) {
      Words pairs;
      std::memcpy(pairs.data(), weights, sizeof pairs);
      const Packet even = as_floats(pairs.shiftLeft<16>());
      for (int r = 0; r < Rows; ++r) sum[r] += even * operands[r];
      const Packet odd = as_floats(pairs.shiftRight<16>().shiftLeft<16>());
      for (int r = 0; r < Rows; ++r) sum[r] += odd * operands[Rows + r];
    } else {
      const Packet all = Eigen::Map<const Packet>(reinterpret_cast<const float*>(weights));
      for (int r = 0; r < Rows; ++r) sum[r] += all * operands[r];
    }
  }
  for (int r = 0; r < Rows; ++r) Eigen::Map<Packet>(sums + r * panel_columns) = sum[r];
}

template <NumberType Type>
void multiply(const PanelProduct& product) {
  const auto* operands = static_cast<const float*>(product.operands);
  const int rows = product.row_count;
  const OperandTiles tiles = operand_tiles(rows, most_rows);
  const std::ptrdiff_t half_bytes = std::ptrdiff_t{product.depth} * columns * bytes_of(Type);
  std::fill_n(product.sums, static_cast<std::ptrdiff_t>(product.panel_count) * rows * panel_columns, 0.0F);
  for (int k = 0; k < product.depth; k += block_depth) {
    const int count = std::min(block_depth, product.depth - k);
    for (int half = 0; half < 2 * product.panel_count; ++half) {
      const std::byte* weights = static_cast<const std::byte*>(product.panels) + half * half_bytes +
                                 std::ptrdiff_t{k} * columns * bytes_of(Type);
      const float* of_tile = operands + std::ptrdiff_t{k} * rows;
      float* sums = product.sums + half / 2 * rows * panel_columns + half % 2 * columns;
      for (int t = 0; t < tiles.count; ++t) {
        const int height = rows_of(tiles, t);
        (height == most_rows ? tile<Type, most_rows> : tile<Type, 1>)(weights, of_tile, count, sums);
        of_tile += std::ptrdiff_t{count} * height;
        sums += height * panel_columns;
      }
    }
  }
}

template <NumberType Type>
float rounded(float value) {
  return Type == NumberType::bf16 ? to_float(to_bfloat16(value)) : value;
}

template <NumberType Type>
void pack(const float* const* rows, int row_count, int count, int padded, void* operands) {
  auto* to = static_cast<float*>(operands);
  const OperandTiles tiles = operand_tiles(row_count, most_rows);
  for (int t = 0, first = 0; t < tiles.count; ++t) {
    const int height = rows_of(tiles, t);
    for (int k = 0; k < padded; ++k) {
      float* at = to + word_of_tile(row_count, padded, block_depth, first, height, k);
      for (int r = 0; r < height; ++r) at[r] = k < count ? rounded<Type>(rows[first + r][k]) : 0;
    }
    first += height;
  }
}

// NaN stays: it is neither above nor below.
float clamped(float value, float low, float high) { return value < low ? low : value > high ? high : value; }

// hidden[16] of one row from its sums.
void hidden_of(const HiddenBlock& block, const float* sums, float* hidden) {
  for (int c = 0; c < hidden_columns; ++c) {
    float gate = sums[c];
    float up = sums[hidden_columns + c];
    if (block.bias != nullptr) {
      gate += block.bias[c];
      up += block.bias[hidden_columns + c];
    }
    if (block.clamped) {
      gate = gate > block.limit ? block.limit : gate;
      up = clamped(up, -block.limit, block.limit) + 1.0F;
    }
    hidden[c] = sigmoid_weighted(gate, block.clamped ? block.alpha : 1.0F) * up;
  }
}

template <NumberType Type>
void activate(const HiddenBlock& block) {
  auto* to = static_cast<float*>(block.operands);
  const OperandTiles tiles = operand_tiles(block.row_count, most_rows);
  const int end = std::min(hidden_columns, block.depth - block.first);
  for (int t = 0, first = 0; t < tiles.count; ++t) {
    const int height = rows_of(tiles, t);
    float* at = to + word_of_tile(block.row_count, block.depth, block_depth, first, height, block.first);
    for (int r = 0; r < height; ++r) {
      float hidden[hidden_columns];
      hidden_of(block, block.sums + (first + r) * panel_columns, hidden);
      for (int c = 0; c < end; ++c) at[c * height + r] = c < block.columns ? rounded<Type>(hidden[c]) : 0;
    }
    first += height;
  }
}

template <NumberType Type>
constexpr PanelKernels kernels = {4, pack<Type>, multiply<Type>, activate<Type>};

}  // namespace

extern const PanelKernels portable_f32_kernels = kernels<NumberType::f32>;
extern const PanelKernels portable_bf16_kernels = kernels<NumberType::bf16>;

}  // namespace plimsoll::executor
