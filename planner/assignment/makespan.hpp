// The workers for the makespan objective, each in a file of its own, and the mix of them that serves an instance best.
// All of them honour every extension; instances with a cost objective are not for them.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "planner/assignment/turns.hpp"

namespace plimsoll::assignment {

// Raises the bound: linear relaxation, then prices with exact knapsacks, each at rising targets. (bounds/)
std::unique_ptr<Worker> make_target_bounds(const Prepared& prepared, bool linear_only = false);
// Looks for plans within targets below the best plan. (search/)
std::unique_ptr<Worker> make_target_search(const Prepared& prepared, std::uint64_t seed);
// Dives into packings that item prices suggest, for few items per bin. (search/)
std::unique_ptr<Worker> make_target_dive(const Prepared& prepared, std::uint64_t seed);
// Exact search: ends with a proof, of the bound or that there is no plan. (exact/)
std::unique_ptr<Worker> make_makespan_branch(const Prepared& prepared);

// What serves a makespan best, in the order of the first turns.
std::vector<Share> makespan_workers(const Prepared& prepared, std::uint64_t seed);

// Throws Error(unsupported) where the objective is cost.
void refuse_cost(const Prepared& prepared, std::string_view method);

}  // namespace plimsoll::assignment
