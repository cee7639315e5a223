// Lower bounds for packing items into a given number of equal bins so that the fullest is as low as possible, and
// proofs that a height is too low. All in whole numbers, none by search: whoever doubts one computes it again.
//
// Sizes are whole numbers of any one unit, 0 or more, in descending order, with a sum below 2^62. bins >= 1.
#pragma once

#include "solvers/packing/construct.hpp"
#include "solvers/packing/effort.hpp"

namespace plimsoll::solvers::packing {

// The mean, the largest item, and what the fullest bins must hold: of the l largest items, some k bins hold at least
//   n(k, l) = k * floor(l / m) + min(k, l mod m)
// (those k that hold most of them), and these weigh at least as much as the n(k, l) smallest of the l, so that one of
// the k bins is at least as high as their mean (Dell'Amico and Martello 1995 for k = 1; Haouari, Gharbi and Jemmali
// 2006). O(n m), or O(n) where that is too much.
Size counting_bound(std::span<const Size> sizes, int bins);

// Dual feasible functions (Fekete and Schepers 2001; for one threshold the bound L2 of Martello and Toth 1990): a
// value for each item such that what fits into a bin of this height is worth at most 1. True where all items together
// are worth more than the bins, so that no packing is as low as `height`.
bool dual_feasible_refutes(std::span<const Size> sizes, int bins, Size height);

// The least sum of a subset that is at least `at_least`: no bin, and so no packing, ends between the two. `at_least`
// itself where that is too much to find out (`effort`). Bit sets where the sums are small, else two sorted halves.
Size next_subset_sum(std::span<const Size> sizes, Size at_least, Effort& effort);

}  // namespace plimsoll::solvers::packing
