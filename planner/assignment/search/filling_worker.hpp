// Large neighbourhood search for least cost where bins hold few items: some bins are emptied and filled anew, at the
// least cost, out of the lists of all fillings that may be part of anything better (fillings.hpp, filling_cover.hpp).
// Bins that lose much against their best filling at the prices of the bound come first: what a plan costs more than
// the bound is the sum of these losses. Regions grow where a search ends and shrink where it reaches a limit.
#pragma once

#include <vector>

#include "planner/assignment/bounds/lagrangian.hpp"
#include "planner/assignment/search/filling_cover.hpp"
#include "planner/assignment/search/fillings.hpp"
#include "planner/assignment/search/region.hpp"
#include "planner/assignment/worker.hpp"
#include "support/random.hpp"

namespace plimsoll::assignment {

class FillingWorker : public Worker {
 public:
  FillingWorker(const Prepared& prepared, std::uint64_t seed);

  void turn(Context& context, std::uint64_t work) override;
  // Not for a budget of changes, sizes that are not whole, or bins with so many items that few of them fit a region.
  [[nodiscard]] bool done() const override { return !fits_; }

 private:
  void renew(Context& context);
  void weigh();
  [[nodiscard]] std::vector<int> choose_bins(int wanted);
  void improve(Context& context);
  bool solve(const Region& region, std::vector<int>& better, std::uint64_t& work);
  double ascend(const Prepared& part, double now, double enough, Lagrangian::Prices& prices, std::uint64_t& work);
  bool list(const Prepared& part, const Lagrangian::Prices& prices, double budget, std::uint64_t& work);

  const Prepared& prepared_;
  bool fits_;
  support::Random random_;
  Lagrangian lagrangian_;  // of the whole, at the prices of the bound
  OpenPairs open_;
  Lagrangian::Prices prices_;
  bool priced_ = false;
  double spread_ = 1;         // of the reduced costs of an item, over its better bins
  std::vector<int> plan_;     // the present one
  std::vector<double> loss_;  // [bins] what it loses there
  double cost_ = 0;
  double size_;  // bins of a region
  Fillings fillings_;
  FillingCover cover_;
  std::vector<std::vector<Filling>> lists_;
  std::vector<int> bit_;  // [items of the region] its place in a set
};

}  // namespace plimsoll::assignment
