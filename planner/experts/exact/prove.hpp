// Bounds that a search has proven, found again for `check`: the searches of branch() and couple() run anew against what
// the certificate claims.
#pragma once

#include <cstdint>

#include "planner/experts/bound.hpp"
#include "plimsoll/experts.hpp"

namespace plimsoll::experts {

// The bound that holds for the instance: at least `bounds`, and up to `claimed` where a search with about `work` steps
// per layer proves it. `plan` says where the layers' optima are claimed to be.
double prove_claim(const Prepared& prepared, const Bounds& bounds, const ExpertPlan& plan, double claimed,
                   std::uint64_t work);

}  // namespace plimsoll::experts
