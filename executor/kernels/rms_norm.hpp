// Root mean square normalisation (arXiv 1910.07467), with unit gains: output = x / sqrt(mean(x^2) + epsilon).
#pragma once

#include <span>

namespace plimsoll::executor {

// One token. The squares are summed in f64, in eight interleaved sums that are then added in order.
void rms_norm(std::span<const float> input, std::span<float> output, double epsilon = 1e-6);

}  // namespace plimsoll::executor
