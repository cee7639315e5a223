#include "planner/assignment/search/cost_seed.hpp"

#include <limits>

#include "planner/assignment/search/cost_construct.hpp"
#include "planner/assignment/search/cost_oscillation.hpp"

namespace plimsoll::assignment {

std::vector<int> seed_plan(const CostGuide& guide, Context& context) {
  const CostTables& tables = guide.tables();
  std::vector<int> best = context.best_bins();
  if (!best.empty()) return best;
  double least = std::numeric_limits<double>::infinity();
  bool feasible = false;
  std::uint64_t work = 0;
  CostState state(tables, std::vector<int>());
  for (const Desire desire : {Desire::standing, Desire::priced, Desire::cost, Desire::size, Desire::leverage}) {
    if (desire == Desire::standing && !tables.limits_changes) continue;
    if (context.meter().urgent()) break;
    const std::vector<int> plan = construct_by_regret(tables, guide.prices(), desire, work);
    state.reset(plan);
    const bool fits = state.feasible();
    if (fits) context.offer_bins(plan);
    double value = state.cost();
    for (int bin = 0; bin < tables.bins && !fits; ++bin) {
      for (int d = 0; d < tables.dimensions; ++d) {
        value += std::max(0.0, -state.slack(bin, d)) *
                 guide.prices().price[static_cast<std::size_t>(bin * tables.dimensions + d)];
      }
    }
    if (best.empty() || (fits && !feasible) || (fits == feasible && value < least)) {
      best = plan;
      least = value;
      feasible = fits;
    }
  }
  context.meter().add_work(work);
  return best;
}

}  // namespace plimsoll::assignment
