// The shape of one expert of a mixture-of-experts layer:
//   hidden = activation(gate x, up x)   of `inner` elements
//   output = down hidden                of `width` elements
#pragma once

#include <string_view>

namespace plimsoll::executor {

// What weights are stored as, and operands rounded to; sums are f32 for both.
enum class NumberType { f32, bf16 };

enum class Activation {
  swiglu,          // gate * sigmoid(gate) * up
  clamped_swiglu,  // as in gpt-oss: g = min(gate, limit), u = clamp(up, -limit, limit), (u + 1) * g * sigmoid(alpha g)
};

struct ExpertShape {
  int width = 0;
  int inner = 0;
  Activation activation = Activation::swiglu;
  bool biases = false;  // of gate, up and down; f32 for every number type
  float clamp_limit = 7.0F;
  float clamp_alpha = 1.702F;
};

// Throws Error(usage) for sizes below 1 or so large that offsets would overflow.
void check(const ExpertShape& shape);

[[nodiscard]] constexpr std::string_view name_of(NumberType type) { return type == NumberType::f32 ? "f32" : "bf16"; }
// Bytes of one weight.
[[nodiscard]] constexpr int bytes_of(NumberType type) { return type == NumberType::f32 ? 4 : 2; }
// Multiplications and additions that one token costs.
[[nodiscard]] constexpr double flops_per_token(const ExpertShape& shape) {
  return 6.0 * static_cast<double>(shape.width) * static_cast<double>(shape.inner);
}

}  // namespace plimsoll::executor
