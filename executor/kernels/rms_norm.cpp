#include "executor/kernels/rms_norm.hpp"

#include <array>
#include <cmath>
#include <cstddef>

namespace plimsoll::executor {

void rms_norm(std::span<const float> input, std::span<const float> gains, std::span<float> output, double epsilon) {
  constexpr std::size_t lanes = 8;
  std::array<double, lanes> sums{};
  std::size_t i = 0;
  for (; i + lanes <= input.size(); i += lanes) {
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      sums[lane] += static_cast<double>(input[i + lane]) * static_cast<double>(input[i + lane]);
    }
  }
  double sum = 0;
  for (const double part : sums) sum += part;
  for (; i < input.size(); ++i) sum += static_cast<double>(input[i]) * static_cast<double>(input[i]);
  const double mean = input.empty() ? 0 : sum / static_cast<double>(input.size());
  const auto scale = static_cast<float>(1 / std::sqrt(mean + epsilon));
  for (std::size_t k = 0; k < input.size(); ++k) output[k] = input[k] * scale;
  for (std::size_t k = 0; k < gains.size(); ++k) output[k] *= gains[k];
}

}  // namespace plimsoll::executor
