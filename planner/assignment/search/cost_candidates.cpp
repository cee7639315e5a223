#include "planner/assignment/search/cost_candidates.hpp"

#include <algorithm>
#include <utility>

namespace plimsoll::assignment {

CostCandidates::CostCandidates(const CostTables& tables, const CapacityPrices& prices, int most) {
  start_.push_back(0);
  std::vector<std::pair<double, int>> order;
  for (int item = 0; item < tables.items; ++item) {
    order.clear();
    for (int bin = 0; bin < tables.bins; ++bin) {
      if (tables.can(item, bin)) order.emplace_back(prices.priced(tables, item, bin), bin);
    }
    const std::size_t kept = std::min(order.size(), static_cast<std::size_t>(most));
    std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(kept), order.end());
    for (std::size_t k = 0; k < kept; ++k) {
      bins_.push_back(order[k].second);
      reduced_.push_back(order[k].first - order.front().first);
    }
    start_.push_back(static_cast<int>(bins_.size()));
  }
}

}  // namespace plimsoll::assignment
