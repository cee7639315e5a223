// Bounds that a search has proven, found again for `check`: the searches of branch() and couple() run anew against what
// the certificate claims.
#pragma once

#include <cstdint>

#include "planner/experts/bound.hpp"
#include "plimsoll/experts.hpp"

namespace plimsoll::experts {

// Raises the bounds of layers that end as early as they can in the plan, where a search with about `work` steps each
// proves it. Only where layers share no limits.
void prove_layers(const Prepared& prepared, const ExpertPlan& plan, std::uint64_t work, Bounds& bounds);

// The bound that holds for the instance: at least `bounds`, and up to `claimed` where a search with about `work` steps
// per layer proves it. `plan` says where the layers' optima are claimed to be.
double prove_claim(const Prepared& prepared, Bounds bounds, const ExpertPlan& plan, double claimed, std::uint64_t work);

}  // namespace plimsoll::experts
