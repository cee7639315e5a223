// What the items of a bin packing problem are worth: the dual prices of Gilmore and Gomory's relaxation (1961), by
// column generation. Prices are whole numbers, and the most that fits into one bin is found by an exact knapsack, so a
// proof that rests on them owes nothing to the linear program's tolerances.
#pragma once

#include "solvers/packing/construct.hpp"
#include "solvers/packing/effort.hpp"

namespace plimsoll::solvers::packing {

struct Prices {
  std::vector<Size> worth;  // [items], 0 or more
  Size most = 0;            // no items that fit into a bin together are worth more
  // How much the worth of some bins may fall short of `most` in all; below 0: the items do not fit into them.
  [[nodiscard]] Size slack(int bins) const;
};

// Prices by size: they prove what the sum of the sizes proves.
Prices area_prices(std::span<const Size> sizes, Size height);

// The fillings (ascending items) that a relaxation is made of. They stay for the next height, where they still fit.
struct FillingPool {
  std::vector<std::vector<int>> fillings;
};

// The prices with the least slack that were found within the effort; ends early with prices that refute the height.
// area_prices where the build has no linear programs, or where items are too many for them to pay. Sizes as in
// construct.hpp, none above the height.
Prices best_prices(std::span<const Size> sizes, int bins, Size height, FillingPool& pool, Effort& effort);

}  // namespace plimsoll::solvers::packing
