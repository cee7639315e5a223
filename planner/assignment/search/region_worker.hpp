// Large neighbourhood search with an exact core for least cost: some bins with all the items in them form an instance
// of their own, in which branch and bound looks for anything better than what stands there. Regions grow where the
// search ends early and shrink where it does not.
#pragma once

#include <vector>

#include "planner/assignment/worker.hpp"
#include "support/random.hpp"

namespace plimsoll::assignment {

class RegionWorker : public Worker {
 public:
  RegionWorker(const Prepared& prepared, std::uint64_t seed);

  void turn(Context& context, std::uint64_t work) override;
  // Regions that are the whole instance are for branch and bound alone; a budget of changes cannot be divided.
  [[nodiscard]] bool done() const override;

 private:
  void improve(Context& context);
  [[nodiscard]] std::vector<int> choose_bins(const std::vector<int>& bin_of);

  const Prepared& prepared_;
  support::Random random_;
  double size_;  // bins of a region
};

}  // namespace plimsoll::assignment
