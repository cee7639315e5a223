// Local search for a packing whose bins are all at most a goal high. Each step takes a bin that is too high and some
// others that have room, two to six, and packs their items anew by bin completion (fill.hpp), in another order each
// time. The new packing is taken where the bins exceed the goal by no more than before, so that the search drifts
// until it finds a way down. Bins with many items bring only some of them, the others stay.
#pragma once

#include "solvers/packing/fill.hpp"

namespace plimsoll::solvers::packing {

class Levelling {
 public:
  // Starts from the packing; sizes stay with the caller and are as in construct.hpp.
  Levelling(std::span<const Size> sizes, int bins, std::vector<int> bin_of, std::uint64_t seed);

  void restart(std::vector<int> bin_of);
  // True once every bin is at most `goal` high; false at the end of the effort.
  bool run(Size goal, Effort& effort);

  [[nodiscard]] const std::vector<int>& bin_of() const { return bin_of_; }
  [[nodiscard]] Size height() const;

 private:
  void step(Size goal, Effort& effort);
  void choose_bins(Size goal, std::size_t count);
  void choose_items();
  [[nodiscard]] Size excess(Size goal) const;  // of the chosen bins

  std::span<const Size> sizes_;
  int bins_;
  std::vector<int> bin_of_;
  std::vector<Size> height_;
  std::vector<std::vector<int>> items_of_;
  support::Random random_;
  std::vector<int> chosen_;  // bins
  std::vector<int> moving_;  // items, ascending
};

}  // namespace plimsoll::solvers::packing
