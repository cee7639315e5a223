// Method `auto`: the workers that serve an instance best, in turns. What they share goes through the context: the best
// plan, the bound, the item prices.
#include <algorithm>

#include "planner/assignment/exact/cost_branch.hpp"
#include "planner/assignment/makespan.hpp"
#include "planner/assignment/method.hpp"
#include "planner/assignment/packing.hpp"
#include "planner/assignment/search/cell_worker.hpp"
#include "planner/assignment/search/filling_worker.hpp"
#include "planner/assignment/search/region_worker.hpp"
#include "planner/assignment/search/tabu_worker.hpp"
#include "planner/assignment/turns.hpp"

namespace plimsoll::assignment {
namespace {

// The fewer items a bin holds the more can be decided at once by listing what may fill it: three shares at 8 or less,
// a half at 20.
double fillings_share(const Prepared& prepared) {
  const double items_per_bin = std::max(1.0, static_cast<double>(prepared.items) / prepared.bins);
  return std::clamp(200 / (items_per_bin * items_per_bin), 0.25, 3.0);
}

std::vector<Share> cost_workers(const Prepared& prepared, std::uint64_t seed) {
  std::vector<Share> workers;
  workers.push_back({"prices", std::make_unique<LagrangianAscent>(prepared), 1});
  workers.push_back({"neighbourhood", std::make_unique<CellWorker>(prepared), 1});
  workers.push_back({"regions", std::make_unique<RegionWorker>(prepared, seed), 1});
  workers.push_back({"fillings", std::make_unique<FillingWorker>(prepared, seed), fillings_share(prepared)});
  workers.push_back({"tabu", std::make_unique<TabuWorker>(prepared), 0.2});
  workers.push_back({"branch", std::make_unique<CostBranch>(prepared), 1});
  return workers;
}

std::vector<Share> workers_for(const Prepared& prepared, std::uint64_t seed) {
  if (!prepared.makespan) return cost_workers(prepared, seed);
  return can_pack(prepared) ? packing_workers(prepared, seed) : makespan_workers(prepared, seed);
}

}  // namespace

void run_auto(const Prepared& prepared, Context& context) {
  std::vector<Share> workers = workers_for(prepared, context.options().seed);
  take_turns(workers, context, static_cast<std::uint64_t>(prepared.bins) * static_cast<std::uint64_t>(prepared.items));
}

}  // namespace plimsoll::assignment
