#include "executor/kernels/random_expert.hpp"

#include <cmath>

#include "executor/kernels/random_panel.hpp"

namespace plimsoll::executor {
namespace {

enum class Matrix : std::uint32_t { gate, up, down, gate_bias, up_bias, down_bias };

std::uint64_t mixed(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15ULL;
  x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27U)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31U);
}

// Keys of the columns of one expert.
class Keys {
 public:
  Keys(std::uint64_t seed, int layer, int expert)
      : expert_(mixed(mixed(mixed(seed) ^ static_cast<std::uint32_t>(layer)) ^ static_cast<std::uint32_t>(expert))) {}
  [[nodiscard]] std::uint32_t of(Matrix matrix, std::size_t column) const {
    return static_cast<std::uint32_t>(mixed(expert_ ^ (static_cast<std::uint64_t>(matrix) << 32U | column)) >> 32U);
  }

 private:
  std::uint64_t expert_;
};

// A uniform number in [-1, 1) has the variance 1/3.
float scale_for(int inputs) { return static_cast<float>(std::sqrt(3.0 / inputs) / 32768); }

// Biases: uniform in [-1/8, 1/8).
constexpr float bias_scale = 0.125F / 32768;

float bias_of(const Keys& keys, Matrix matrix, std::size_t column) {
  return lower_value(random_pair(keys.of(matrix, column), 0), bias_scale);
}

std::vector<float> matrix_of(const Keys& keys, Matrix matrix, int outputs, int inputs) {
  const float scale = scale_for(inputs);
  std::vector<float> values;
  values.reserve(static_cast<std::size_t>(outputs) * static_cast<std::size_t>(inputs));
  for (int n = 0; n < outputs; ++n) {
    const std::uint32_t key = keys.of(matrix, static_cast<std::size_t>(n));
    for (int k = 0; k < inputs; ++k) {
      const std::uint32_t pair = random_pair(key, static_cast<std::uint32_t>(k) / 2);
      values.push_back(k % 2 == 0 ? lower_value(pair, scale) : upper_value(pair, scale));
    }
  }
  return values;
}

std::vector<float> bias_vector(const Keys& keys, Matrix matrix, int outputs) {
  std::vector<float> values;
  for (int n = 0; n < outputs; ++n) values.push_back(bias_of(keys, matrix, static_cast<std::size_t>(n)));
  return values;
}

FillHalf filler(NumberType type, Isa isa) {
  if (isa == Isa::portable) return type == NumberType::f32 ? fill_f32 : fill_bf16;
  return type == NumberType::f32 ? fill_f32_avx2 : fill_bf16_avx2;
}

}  // namespace

PlainExpert random_expert(const ExpertShape& shape, std::uint64_t seed, int layer, int expert) {
  check(shape);
  const Keys keys(seed, layer, expert);
  PlainExpert plain;
  plain.gate = matrix_of(keys, Matrix::gate, shape.inner, shape.width);
  plain.up = matrix_of(keys, Matrix::up, shape.inner, shape.width);
  plain.down = matrix_of(keys, Matrix::down, shape.width, shape.inner);
  if (shape.biases) {
    plain.gate_bias = bias_vector(keys, Matrix::gate_bias, shape.inner);
    plain.up_bias = bias_vector(keys, Matrix::up_bias, shape.inner);
    plain.down_bias = bias_vector(keys, Matrix::down_bias, shape.width);
  }
  return plain;
}

void pack_random_expert(const ExpertShape& shape, NumberType type, Isa isa, std::uint64_t seed, int layer, int expert,
                        std::byte* to) {
  const PackedLayout layout = packed_layout(shape, type);
  const Keys keys(seed, layer, expert);
  const FillHalf fill_half = filler(type, isa);
  const auto fill = [&](const std::uint32_t* column_keys, const float* scales, int depth, std::byte* panel,
                        std::size_t bytes) {
    fill_half(column_keys, scales, depth, panel);
    fill_half(column_keys + half_columns, scales + half_columns, depth, panel + bytes / 2);
  };
  const auto inner = static_cast<std::size_t>(shape.inner);
  const auto width = static_cast<std::size_t>(shape.width);
  auto* hidden_bias = reinterpret_cast<float*>(to + layout.hidden_bias);
  auto* output_bias = reinterpret_cast<float*>(to + layout.output_bias);
  for (int p = 0; p < layout.hidden_panels; ++p) {
    std::uint32_t column_keys[panel_columns];
    float scales[panel_columns];
    for (int c = 0; c < panel_columns; ++c) {
      const bool gate = c < hidden_columns;
      const auto n = static_cast<std::size_t>(p) * hidden_columns + static_cast<std::size_t>(c % hidden_columns);
      column_keys[c] = keys.of(gate ? Matrix::gate : Matrix::up, n);
      scales[c] = n < inner ? scale_for(shape.width) : 0;
      if (!shape.biases) continue;
      const Matrix bias = gate ? Matrix::gate_bias : Matrix::up_bias;
      hidden_bias[p * panel_columns + c] = n < inner ? bias_of(keys, bias, n) : 0;
    }
    fill(column_keys, scales, shape.width, to + static_cast<std::size_t>(p) * layout.hidden_panel_bytes,
         layout.hidden_panel_bytes);
  }
  for (int p = 0; p < layout.output_panels; ++p) {
    std::uint32_t column_keys[panel_columns];
    float scales[panel_columns];
    for (int c = 0; c < panel_columns; ++c) {
      const auto n = static_cast<std::size_t>(p) * panel_columns + static_cast<std::size_t>(c);
      column_keys[c] = keys.of(Matrix::down, n);
      scales[c] = n < width ? scale_for(shape.inner) : 0;
      if (shape.biases) output_bias[n] = n < width ? bias_of(keys, Matrix::down_bias, n) : 0;
    }
    fill(column_keys, scales, shape.inner, to + layout.down + static_cast<std::size_t>(p) * layout.output_panel_bytes,
         layout.output_panel_bytes);
  }
}

}  // namespace plimsoll::executor
