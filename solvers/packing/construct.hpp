// First packings of items into a given number of equal bins, all deterministic and fast: longest first (Graham 1969),
// longest first with a fixed height (MULTIFIT: Coffman, Garey and Johnson 1978), and the largest differencing method
// for any number of bins (Karmarkar and Karp 1982; Michiels, Korst, Aarts and van Leeuwen 2003).
//
// Sizes are whole numbers of any one unit, 0 or more, in descending order, with a sum below 2^62.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace plimsoll::solvers::packing {

using Size = std::int64_t;

struct Packing {
  std::vector<int> bin_of;  // [items]; empty: none was found
  Size height = 0;          // the largest sum of a bin
};

// The heights of the bins of a packing.
std::vector<Size> heights(std::span<const Size> sizes, std::span<const int> bin_of, int bins);

// Each item goes to the bin with the least height, the first one of these. O(n log m).
Packing longest_first(std::span<const Size> sizes, int bins);

// Bisection over the height for which first fit, longest first, needs no more than the given bins. The result is never
// worse than longest_first. O(n log m) for each of the halvings.
Packing multifit(std::span<const Size> sizes, int bins, Size lower);

// Two partial packings with the largest spreads are joined, the fullest bin of the one on the emptiest of the other,
// until one is left. O(n m log n).
Packing differencing(std::span<const Size> sizes, int bins);

}  // namespace plimsoll::solvers::packing
