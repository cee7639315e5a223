// A whole number in parts: by largest remainder (Hamilton).
#pragma once

#include <cstdint>
#include <span>

namespace plimsoll::executor {

// parts[i] is total * weights[i] / (sum of weights) rounded down or up, and the parts sum to total: what is left after
// rounding down goes to the largest remainders, equal ones in order. A weight of 0 gets nothing. Weights are 0 or more,
// and one is above 0 where total is.
void largest_remainder(std::int64_t total, std::span<const double> weights, std::span<std::int64_t> parts);

}  // namespace plimsoll::executor
