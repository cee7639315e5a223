// Exact search on the makespan, and the same search again for `check`.
#pragma once

#include <cstdint>

#include "planner/assignment/prepare.hpp"
#include "support/meter.hpp"

namespace plimsoll::assignment {

// Whether a search with at most so much work proves that no plan has an objective of at most `target`. It starts from
// nothing but the instance.
bool refute_again(const Prepared& prepared, double target, std::uint64_t work, const support::Meter& meter);

}  // namespace plimsoll::assignment
