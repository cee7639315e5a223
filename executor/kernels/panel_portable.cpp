// Products in packets of fixed size, which Eigen turns into the vectors that the compiler was allowed. Every product
// and every sum is rounded, so the packets' length leaves no trace in the results.
#include <Eigen/Core>
#include <cstdint>
#include <cstring>

#include "executor/kernels/bfloat16.hpp"
#include "executor/kernels/expert_shape.hpp"
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

template <NumberType Type, int Rows>
void tile(const std::byte* weights, const float* const* rows, int depth, float* sums) {
  Packet sum[Rows];
  for (Packet& one : sum) one.setZero();
  constexpr int step = Type == NumberType::bf16 ? 2 : 1;
  for (int k = 0; k < depth; k += step, weights += columns * 4) {
    if constexpr (Type == NumberType::bf16) {
      Words pairs;
      std::memcpy(pairs.data(), weights, sizeof pairs);
      const Packet even = as_floats(pairs.shiftLeft<16>());
      for (int r = 0; r < Rows; ++r) sum[r] += even * rows[r][k];
      const Packet odd = as_floats(pairs.shiftRight<16>().shiftLeft<16>());
      for (int r = 0; r < Rows; ++r) sum[r] += odd * rows[r][k + 1];
    } else {
      const Packet all = Eigen::Map<const Packet>(reinterpret_cast<const float*>(weights));
      for (int r = 0; r < Rows; ++r) sum[r] += all * rows[r][k];
    }
  }
  for (int r = 0; r < Rows; ++r) Eigen::Map<Packet>(sums + r * panel_columns) = sum[r];
}

template <NumberType Type>
void multiply(const PanelProduct& product) {
  const auto* panel = static_cast<const std::byte*>(product.panel);
  const auto* rows = reinterpret_cast<const float* const*>(product.rows);
  const std::ptrdiff_t half_bytes = std::ptrdiff_t{product.depth} * columns * bytes_of(Type);
  for (int row = 0; row < product.row_count; row += most_rows) {
    for (int half = 0; half < 2; ++half) {
      const std::byte* weights = panel + half * half_bytes;
      float* sums = product.sums + row * panel_columns + half * columns;
      if (product.row_count - row >= most_rows) {
        tile<Type, most_rows>(weights, rows + row, product.depth, sums);
      } else {
        tile<Type, 1>(weights, rows + row, product.depth, sums);
      }
    }
  }
}

template <NumberType Type>
float rounded(float value) {
  return Type == NumberType::bf16 ? to_float(to_bfloat16(value)) : value;
}

template <NumberType Type>
void prepare(const float* from, int count, int padded, void* to) {
  auto* at = static_cast<float*>(to);
  for (int k = 0; k < count; ++k) at[k] = rounded<Type>(from[k]);
  for (int k = count; k < padded; ++k) at[k] = 0;
}

// NaN stays: it is neither above nor below.
float clamped(float value, float low, float high) { return value < low ? low : value > high ? high : value; }

template <NumberType Type>
void activate(const HiddenBlock& block) {
  for (int r = 0; r < block.row_count; ++r) {
    float* gate = block.sums + r * panel_columns;
    float* up = gate + hidden_columns;
    if (block.bias != nullptr) {
      for (int c = 0; c < panel_columns; ++c) gate[c] += block.bias[c];
    }
    float slope = 1;
    if (block.clamped) {
      for (int c = 0; c < hidden_columns; ++c) {
        gate[c] = gate[c] > block.limit ? block.limit : gate[c];
        up[c] = clamped(up[c], -block.limit, block.limit) + 1.0F;
      }
      slope = block.alpha;
    }
    for (int c = 0; c < hidden_columns; ++c) gate[c] = sigmoid_weighted(gate[c], slope) * up[c];
    auto* to = reinterpret_cast<float*>(static_cast<std::byte*>(block.hidden) +
                                        static_cast<std::size_t>(r) * block.hidden_stride);
    for (int c = 0; c < block.columns; ++c) to[c] = rounded<Type>(gate[c]);
  }
}

template <NumberType Type>
constexpr PanelKernels kernels = {4, prepare<Type>, multiply<Type>, activate<Type>};

}  // namespace

extern const PanelKernels portable_f32_kernels = kernels<NumberType::f32>;
extern const PanelKernels portable_bf16_kernels = kernels<NumberType::bf16>;

}  // namespace plimsoll::executor
