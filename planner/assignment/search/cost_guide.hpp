// What the heuristics for least cost share: the tables, prices of the capacities, and the bins worth looking at. Takes
// better prices from the context when somebody has proven a bound with them.
#pragma once

#include <memory>
#include <vector>

#include "planner/assignment/context.hpp"
#include "planner/assignment/search/cost_candidates.hpp"

namespace plimsoll::assignment {

class CostGuide {
 public:
  // Ascends for prices; its work goes to the meter.
  CostGuide(const Prepared& prepared, Context& context);
  // True where the prices have changed since the last call.
  bool refresh(Context& context);

  [[nodiscard]] const CostTables& tables() const { return tables_; }
  [[nodiscard]] const CapacityPrices& prices() const { return prices_; }
  [[nodiscard]] const CostCandidates& candidates() const { return *candidates_; }
  // In the unit of the tables: no plan costs less.
  [[nodiscard]] double bound(const Context& context) const;

 private:
  void take(CapacityPrices prices);
  CostTables tables_;
  CapacityPrices prices_;
  std::unique_ptr<CostCandidates> candidates_;
  std::vector<double> seen_;  // prices of items
};

}  // namespace plimsoll::assignment
