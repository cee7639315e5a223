// The best shares for replicas that stand fixed, whatever the cost: token_flow.hpp where it is exact, and shifts of
// tokens between replicas beyond it.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "planner/experts/search/layer.hpp"

namespace plimsoll::experts {

// Sets the tokens of the replicas, which stand in the order of their devices; every expert with load has one. Weighted
// dispatch alone. The load need not be that of the instance.
void resplit(const Prepared& prepared, int layer, std::span<const double> load, std::vector<Replica>& replicas,
             std::uint64_t& work);

}  // namespace plimsoll::experts
