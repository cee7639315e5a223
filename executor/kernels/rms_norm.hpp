// Root mean square normalisation (arXiv 1910.07467): output = gain * x / sqrt(mean(x^2) + epsilon).
#pragma once

#include <span>

namespace plimsoll::executor {

// One row; in place where both are the same. The squares are summed in f64, in eight interleaved sums that are then
// added in order. Without gains they are 1.
void rms_norm(std::span<const float> input, std::span<const float> gains, std::span<float> output,
              double epsilon = 1e-6);

}  // namespace plimsoll::executor
