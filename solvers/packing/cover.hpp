// Chooses patterns (patterns.hpp) that use every item exactly once, one for each bin: an exact cover, searched
// depth-first. The bin of the largest item that is left is filled next, with every pattern that still fits. Patterns
// that a choice rules out are dropped from the lists below it, when somebody looks into them first.
//
// A pattern is passed over where the bin could take an item that is left, or a larger one in exchange for one of its
// own: whatever packing there is, moving that item into this bin gives another. Large items, more than half of the
// height, need a bin each, and what their cheapest patterns fall short of the most must be within what is left of the
// slack.
//
// The search keeps its place: run() goes on where it was.
#pragma once

#include <memory>

#include "solvers/packing/construct.hpp"
#include "solvers/packing/effort.hpp"
#include "solvers/packing/prices.hpp"

namespace plimsoll::solvers::packing {

enum class Decision { packed, impossible, open };

class Cover {
 public:
  virtual ~Cover() = default;
  // `open`: the effort ended first.
  virtual Decision run(Effort& effort) = 0;
  // [items] once packed.
  [[nodiscard]] virtual const std::vector<int>& bin_of() const = 0;
};

// Nothing where the patterns are too many, items are more than 256 or the effort ended while they were listed. Sizes
// above 0 in descending order, the same size has the same price.
std::unique_ptr<Cover> exact_cover(std::span<const Size> sizes, int bins, Size height, const Prices& prices,
                                   Effort& effort);

}  // namespace plimsoll::solvers::packing
