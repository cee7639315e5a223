#include "executor/kernels/packed_expert.hpp"

#include <string>

#include "executor/kernels/bfloat16.hpp"
#include "executor/kernels/panel_kernels.hpp"
#include "plimsoll/error.hpp"

namespace plimsoll::executor {
namespace {

constexpr int size_limit = 1 << 20;

int rounded_up(int value, int step) { return (value + step - 1) / step * step; }

void expect(std::span<const float> values, std::size_t size, const char* name) {
  if (values.size() == size) return;
  throw Error(ErrorCode::usage, std::string("an expert's ") + name + " has " + std::to_string(values.size()) +
                                    " elements, its shape asks for " + std::to_string(size));
}

// Of a column's k (or pair) among the `lines` of both halves, counted in elements (or pairs).
std::size_t place(int column, int line, int lines) {
  const auto half = static_cast<std::size_t>(column / half_columns);
  return (half * static_cast<std::size_t>(lines) + static_cast<std::size_t>(line)) * half_columns +
         static_cast<std::size_t>(column % half_columns);
}

}  // namespace

int padded_depth(int depth, NumberType type) { return rounded_up(depth, type == NumberType::bf16 ? 2 : 1); }

std::size_t panel_bytes(int depth, NumberType type) {
  return static_cast<std::size_t>(padded_depth(depth, type)) * panel_columns * static_cast<std::size_t>(bytes_of(type));
}

void pack_panel(const float* const* columns, int depth, NumberType type, std::byte* to) {
  if (type == NumberType::f32) {
    auto* at = reinterpret_cast<float*>(to);
    for (int c = 0; c < panel_columns; ++c) {
      for (int k = 0; k < depth; ++k) {
        at[place(c, k, depth)] = columns[c] != nullptr ? columns[c][k] : 0;
      }
    }
    return;
  }
  auto* at = reinterpret_cast<bfloat16*>(to);
  const int padded = padded_depth(depth, type);
  for (int c = 0; c < panel_columns; ++c) {
    for (int k = 0; k < padded; ++k) {
      const bool exists = columns[c] != nullptr && k < depth;
      at[place(c, k / 2, padded / 2) * 2 + static_cast<std::size_t>(k % 2)] = to_bfloat16(exists ? columns[c][k] : 0);
    }
  }
}

void check(const ExpertShape& shape) {
  for (const int size : {shape.width, shape.inner}) {
    if (size >= 1 && size <= size_limit) continue;
    throw Error(ErrorCode::usage, "an expert has sizes of 1 to " + std::to_string(size_limit) + ", not " +
                                      std::to_string(shape.width) + " x " + std::to_string(shape.inner));
  }
}

PackedLayout packed_layout(const ExpertShape& shape, NumberType type) {
  check(shape);
  PackedLayout layout;
  layout.hidden_panels = rounded_up(shape.inner, hidden_columns) / hidden_columns;
  layout.output_panels = rounded_up(shape.width, panel_columns) / panel_columns;
  layout.width = padded_depth(shape.width, type);
  layout.inner = padded_depth(shape.inner, type);
  layout.hidden_panel_bytes = panel_bytes(shape.width, type);
  layout.output_panel_bytes = panel_bytes(shape.inner, type);
  layout.down = static_cast<std::size_t>(layout.hidden_panels) * layout.hidden_panel_bytes;
  layout.hidden_bias = layout.down + static_cast<std::size_t>(layout.output_panels) * layout.output_panel_bytes;
  layout.output_bias = layout.hidden_bias;
  layout.bytes = layout.hidden_bias;
  if (shape.biases) {
    constexpr std::size_t bias_bytes = panel_columns * sizeof(float);
    layout.output_bias += static_cast<std::size_t>(layout.hidden_panels) * bias_bytes;
    layout.bytes = layout.output_bias + static_cast<std::size_t>(layout.output_panels) * bias_bytes;
  }
  return layout;
}

std::size_t packed_bytes(const ExpertShape& shape, NumberType type, Isa /*isa*/) {
  return packed_layout(shape, type).bytes;
}

void pack_expert(const ExpertWeights& weights, const ExpertShape& shape, NumberType type, Isa /*isa*/, std::byte* to) {
  const PackedLayout layout = packed_layout(shape, type);
  const auto width = static_cast<std::size_t>(shape.width);
  const auto inner = static_cast<std::size_t>(shape.inner);
  expect(weights.gate, inner * width, "gate");
  expect(weights.up, inner * width, "up");
  expect(weights.down, inner * width, "down");
  expect(weights.gate_bias, shape.biases ? inner : 0, "gate bias");
  expect(weights.up_bias, shape.biases ? inner : 0, "up bias");
  expect(weights.down_bias, shape.biases ? width : 0, "down bias");

  auto* hidden_bias = reinterpret_cast<float*>(to + layout.hidden_bias);
  auto* output_bias = reinterpret_cast<float*>(to + layout.output_bias);
  for (int p = 0; p < layout.hidden_panels; ++p) {
    const float* columns[panel_columns] = {};
    for (int c = 0; c < hidden_columns; ++c) {
      const auto row = static_cast<std::size_t>(p) * hidden_columns + static_cast<std::size_t>(c);
      const bool exists = row < inner;
      if (exists) columns[c] = weights.gate.data() + row * width;
      if (exists) columns[c + hidden_columns] = weights.up.data() + row * width;
      if (!shape.biases) continue;
      hidden_bias[p * panel_columns + c] = exists ? weights.gate_bias[row] : 0;
      hidden_bias[p * panel_columns + hidden_columns + c] = exists ? weights.up_bias[row] : 0;
    }
    pack_panel(columns, shape.width, type, to + static_cast<std::size_t>(p) * layout.hidden_panel_bytes);
  }
  for (int p = 0; p < layout.output_panels; ++p) {
    const float* columns[panel_columns] = {};
    for (int c = 0; c < panel_columns; ++c) {
      const auto row = static_cast<std::size_t>(p) * panel_columns + static_cast<std::size_t>(c);
      if (row < width) columns[c] = weights.down.data() + row * inner;
      if (shape.biases) output_bias[p * panel_columns + c] = row < width ? weights.down_bias[row] : 0;
    }
    pack_panel(columns, shape.inner, type, to + layout.down + static_cast<std::size_t>(p) * layout.output_panel_bytes);
  }
}

}  // namespace plimsoll::executor
