#include "executor/kernels/reference.hpp"

#include <cmath>
#include <cstddef>

#include "executor/kernels/bfloat16.hpp"

namespace plimsoll::executor {
namespace {

double operand(double value, NumberType type) {
  const auto single = static_cast<float>(value);
  return type == NumberType::bf16 ? to_float(to_bfloat16(single)) : value;
}

double dot(const float* weights, const std::vector<double>& x, NumberType type) {
  double sum = 0;
  for (std::size_t k = 0; k < x.size(); ++k) sum += operand(weights[k], type) * x[k];
  return sum;
}

double activated(double gate, double up, const ExpertShape& shape) {
  if (shape.activation == Activation::swiglu) return gate / (1 + std::exp(-gate)) * up;
  const double limit = shape.clamp_limit;
  const double alpha = shape.clamp_alpha;
  // NaN stays: it is neither above nor below.
  gate = gate > limit ? limit : gate;
  up = up > limit ? limit : up < -limit ? -limit : up;
  return gate / (1 + std::exp(-alpha * gate)) * (up + 1);
}

}  // namespace

std::vector<double> reference_expert(const ExpertWeights& weights, const ExpertShape& shape, NumberType type,
                                     std::span<const float> x) {
  const auto width = static_cast<std::size_t>(shape.width);
  const auto inner = static_cast<std::size_t>(shape.inner);
  std::vector<double> input(width);
  for (std::size_t k = 0; k < width; ++k) input[k] = operand(x[k], type);
  std::vector<double> hidden(inner);
  for (std::size_t i = 0; i < inner; ++i) {
    double gate = dot(weights.gate.data() + i * width, input, type);
    double up = dot(weights.up.data() + i * width, input, type);
    if (shape.biases) gate += weights.gate_bias[i];
    if (shape.biases) up += weights.up_bias[i];
    hidden[i] = operand(activated(gate, up, shape), type);
  }
  std::vector<double> output(width);
  for (std::size_t o = 0; o < width; ++o) {
    output[o] = dot(weights.down.data() + o * inner, hidden, type);
    if (shape.biases) output[o] += weights.down_bias[o];
  }
  return output;
}

std::vector<double> reference_combine(const CombineWork& work) {
  const auto width = static_cast<std::size_t>(work.width);
  const auto top_k = static_cast<std::size_t>(work.top_k);
  std::vector<double> output(static_cast<std::size_t>(work.tokens) * width);
  for (std::size_t t = 0; t < static_cast<std::size_t>(work.tokens); ++t) {
    for (std::size_t c = 0; c < width; ++c) {
      double sum = 0;
      for (std::size_t j = 0; j < top_k; ++j) {
        const double weight = work.weights[t * top_k + j];
        if (weight != 0) sum += weight * work.parts[(t * top_k + j) * width + c];
      }
      if (work.shared != nullptr) {
        sum += (work.shared_gates != nullptr ? work.shared_gates[t] : 1.0) *
               static_cast<double>(work.shared[t * width + c]);
      }
      output[t * width + c] = work.output[t * width + c] + sum;
    }
  }
  return output;
}

}  // namespace plimsoll::executor
