// The sum of 32-bit floats in the order in which PyTorch adds them on a CPU (aten/src/ATen/native/cpu/SumKernel.cpp,
// 1.13 and later), for a contiguous inner dimension: eight lanes, four accumulators each, partial sums in four levels.
// Its rounding differs from that of a plain loop, and the groups of the published balancer are ordered by such sums.
#pragma once

#include <span>

namespace plimsoll::experts {

float float_sum(std::span<const float> values);

}  // namespace plimsoll::experts
