// Bin completion (Gent and Walsh 1998, Korf 2003): bins are filled one after the other, each with the largest item that
// is left and with others that leave little of the height unused. What may be wasted in all is known beforehand, so a
// bin that wastes more than is left of that ends the branch. The search ends with the first packing, at the end of the
// effort, or with the tree.
#pragma once

#include "solvers/packing/construct.hpp"
#include "solvers/packing/effort.hpp"
#include "support/random.hpp"

namespace plimsoll::solvers::packing {

struct FillOptions {
  // The bin that is filled last may be higher by so much.
  Size overflow = 0;
  // Items are passed over at random, one in so many, so that each call finds another packing; 0: never.
  std::size_t pass_one_in = 0;
};

// An empty `bin_of` where no packing was found. Sizes as in construct.hpp; items that are 0 count too.
Packing fill(std::span<const Size> sizes, int bins, Size height, const FillOptions& options, support::Random& random,
             Effort& effort);

}  // namespace plimsoll::solvers::packing
