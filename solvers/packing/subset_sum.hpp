// Subset sums: the largest sum within a limit. Bit sets over the sums (Bellman's dynamic
// program, 64 sums to a step) where the limit is small, else two sorted lists of the sums of both halves of the items
// (Horowitz and Sahni 1974), whichever costs less.
//
// Sizes are whole numbers of any one unit, 0 or more, in any order, with a sum below 2^62.
#pragma once

#include <optional>

#include "solvers/packing/construct.hpp"
#include "solvers/packing/effort.hpp"

namespace plimsoll::solvers::packing {

// Nothing where it would cost more than the effort has left, or more than 64 MiB.
std::optional<Size> largest_subset_sum(std::span<const Size> sizes, Size limit, Effort& effort);

}  // namespace plimsoll::solvers::packing
