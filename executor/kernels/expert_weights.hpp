// An expert's plain weights, as model files hold them: row-major, f32, one row per output element.
#pragma once

#include <span>

namespace plimsoll::executor {

struct ExpertWeights {
  std::span<const float> gate;  // [inner][width]
  std::span<const float> up;    // [inner][width]
  std::span<const float> down;  // [width][inner]
  // Empty where the shape has no biases.
  std::span<const float> gate_bias;  // [inner]
  std::span<const float> up_bias;    // [inner]
  std::span<const float> down_bias;  // [width]
};

}  // namespace plimsoll::executor
