// A first plan for least cost by regret (Martello and Toth 1981, MTHG): the item that loses most if it does not get its
// best bin now gets it. What best means is one of several measures; where an item fits nowhere it goes where it does
// least harm, and the plan is left for others to repair.
#pragma once

#include <cstdint>
#include <vector>

#include "planner/assignment/search/capacity_prices.hpp"
#include "planner/assignment/search/cost_tables.hpp"

namespace plimsoll::assignment {

enum class Desire {
  priced,    // cost and what the item uses at the prices of the capacities
  cost,      // cost alone
  size,      // the largest part of a capacity that it takes
  leverage,  // cost per size; costs are taken from the least one of all, as they may be negative
  standing,  // cost, but where it stands now is best of all (for a budget of changes)
};

std::vector<int> construct_by_regret(const CostTables& tables, const CapacityPrices& prices, Desire desire,
                                     std::uint64_t& work);

}  // namespace plimsoll::assignment
