// What binds in a plan, in words.
#pragma once

#include <string>

#include "plimsoll/experts.hpp"

namespace plimsoll::experts {

// Per device: busy time, how often it ends last, slots and memory; per layer: what holds the bound, what the plan
// leaves open, and what one more slot per device, or weighted shares, could be worth. Bounds and bounds only: no
// promise.
std::string explain(const ExpertInstance& instance, const ExpertPlan& plan);

}  // namespace plimsoll::experts
