// Can the items be packed into the bins without any being higher than this? Prices (prices.hpp) say no, or patterns and
// an exact cover (cover.hpp) say yes or no, as long as there are not too many patterns.
//
// Sizes are whole numbers of any one unit, 0 or more, in descending order, with a sum below 2^62.
#pragma once

#include <memory>

#include "solvers/packing/cover.hpp"

namespace plimsoll::solvers::packing {

class HeightDecision {
 public:
  HeightDecision(std::span<const Size> sizes, int bins);

  // Prices alone. `open`: they do not refute the height, or the effort ended first (effort.over()).
  Decision price(Size height, Effort& effort);
  // Prices, then the search. Where the effort ends first, the next call with the same height goes on. The effort may be
  // exceeded by a list of patterns that would otherwise never be finished.
  Decision decide(Size height, Effort& effort);

  // The search of this height cannot be made: too many patterns or items.
  [[nodiscard]] bool hopeless() const { return hopeless_; }
  // Prices, as long as there were any, of [items]; they refute the height where their slack is below 0.
  [[nodiscard]] const Prices& prices() const { return prices_; }
  [[nodiscard]] std::vector<int> bin_of() const;  // [items] once packed

 private:
  void begin(Size height);

  std::size_t items_;
  std::vector<Size> sizes_;  // above 0; the others take the first bin
  int bins_;
  Size height_ = -1;
  bool priced_ = false;
  bool hopeless_ = false;
  std::uint64_t price_steps_ = 0;
  std::uint64_t list_steps_ = 0;
  Prices prices_;
  FillingPool pool_;
  std::unique_ptr<Cover> cover_;
};

// Whether the prices prove that the items do not fit into so many bins of this height: an exact knapsack.
bool prices_refute(std::span<const Size> sizes, int bins, Size height, std::span<const Size> worth, Effort& effort);

}  // namespace plimsoll::solvers::packing
