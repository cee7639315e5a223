// The 0-1 knapsack problem, exact: what is the most that items which fit into one bin together are worth? Depth-first
// by worth per size with Dantzig's bound (Horowitz and Sahni 1974; Martello and Toth 1990), in whole numbers but for
// the bound, which is rounded outward.
#pragma once

#include "solvers/packing/construct.hpp"
#include "solvers/packing/effort.hpp"

namespace plimsoll::solvers::packing {

struct Knapsack {
  Size worth = 0;
  std::vector<int> items;  // ascending
  bool proven = false;     // false: the effort ended first, more may be possible
};

// Sizes and worths are 0 or more; worths below 2^40 in sum, sizes below 2^62. The better fillings found on the way are
// handed out too, as long as they are worth more than `interesting`.
Knapsack best_filling(std::span<const Size> sizes, std::span<const Size> worths, Size room, Size interesting,
                      std::vector<std::vector<int>>* on_the_way, Effort& effort);

}  // namespace plimsoll::solvers::packing
