// The bins that are worth looking at for each item: the few with the least reduced cost, that is the cost with what the
// item uses paid for at the prices of the capacities, less the least such cost of the item.
#pragma once

#include <span>
#include <vector>

#include "planner/assignment/search/capacity_prices.hpp"
#include "planner/assignment/search/cost_tables.hpp"

namespace plimsoll::assignment {

class CostCandidates {
 public:
  CostCandidates(const CostTables& tables, const CapacityPrices& prices, int most);

  // Allowed bins, least reduced cost first.
  [[nodiscard]] std::span<const int> bins(int item) const {
    const auto begin = static_cast<std::size_t>(start_[static_cast<std::size_t>(item)]);
    return {bins_.data() + begin, static_cast<std::size_t>(start_[static_cast<std::size_t>(item) + 1]) - begin};
  }
  [[nodiscard]] std::span<const double> reduced(int item) const {
    const auto begin = static_cast<std::size_t>(start_[static_cast<std::size_t>(item)]);
    return {reduced_.data() + begin, static_cast<std::size_t>(start_[static_cast<std::size_t>(item) + 1]) - begin};
  }

 private:
  std::vector<int> start_;  // [items + 1]
  std::vector<int> bins_;
  std::vector<double> reduced_;
};

}  // namespace plimsoll::assignment
