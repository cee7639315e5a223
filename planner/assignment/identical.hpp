// Makespan on identical bins in whole numbers, which is what packing works on: can_pack says which instances are so
// simple. Whole sizes are divided by their common divisor and everything is exact. Real sizes are counted in a unit of
// 2^-50 of their sum or less, rounded down: a bound on the rounded sizes holds for the instance, and what rounding
// takes away from it is far inside the 1e-9 of "optimal". A common speed is part of the unit.
#pragma once

#include <vector>

#include "planner/assignment/context.hpp"
#include "planner/assignment/prepare.hpp"
#include "solvers/packing/construct.hpp"

namespace plimsoll::assignment {

// Makespan, the same sizes and speeds on all bins, every item may go everywhere, and nothing else limits or prices a
// plan: no capacities, nothing apart, no changes. (Items that stay together are one item.)
bool can_pack(const Prepared& prepared);
// Error(unsupported) that names what stands in the way, where can_pack is false.
void refuse_what_is_not_packing(const Prepared& prepared, std::string_view method);

class IdenticalItems {
 public:
  using Size = solvers::packing::Size;
  explicit IdenticalItems(const Prepared& prepared);

  [[nodiscard]] const std::vector<Size>& sizes() const { return sizes_; }  // descending
  [[nodiscard]] int bins() const { return bins_; }
  // The makespan of a height. Not below its true value only where the sizes are whole; for bounds, see lower().
  [[nodiscard]] double makespan(Size height) const { return static_cast<double>(height) * unit_ / speed_; }
  // A valid bound: every plan has a bin at least this high.
  [[nodiscard]] double lower(Size height) const;
  // The least height whose bound is no less than this; what a bound of the context says in whole numbers.
  [[nodiscard]] Size height_of(double bound) const;
  // A packing this high closes the gap to the bound: the bound itself, or where sizes are real what is as good.
  [[nodiscard]] Size goal(Size bound) const;
  // A packing of sizes() as bins of the kernel's items, and back.
  [[nodiscard]] std::vector<int> kernel_bins(const std::vector<int>& bin_of) const;
  [[nodiscard]] std::vector<int> packed_bins(const std::vector<int>& kernel_bin_of) const;
  // Numbers of sizes() as numbers of the kernel's items, and back; what is not a whole number from 0 to 2^40 becomes
  // -1.
  [[nodiscard]] std::vector<double> kernel_values(const std::vector<Size>& values) const;
  [[nodiscard]] std::vector<Size> packed_values(const std::vector<double>& kernel_values) const;
  // The highest bin of a packing of sizes().
  [[nodiscard]] Size height(const std::vector<int>& bin_of) const;

 private:
  int bins_;
  double unit_ = 1;
  double speed_ = 1;
  bool exact_ = true;
  std::vector<Size> sizes_;
  std::vector<int> item_;  // [sizes] the kernel's item
};

}  // namespace plimsoll::assignment
