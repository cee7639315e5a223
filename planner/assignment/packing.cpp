#include "planner/assignment/packing.hpp"

#include "planner/assignment/exact/packing.hpp"
#include "planner/assignment/method.hpp"
#include "planner/assignment/search/differencing.hpp"

namespace plimsoll::assignment {

std::vector<Share> packing_workers(const Prepared& prepared, std::uint64_t seed) {
  std::vector<Share> workers;
  if (!can_pack(prepared)) return workers;
  workers.push_back({"differencing", std::make_unique<DifferencingWorker>(prepared, seed), 1.0});
  workers.push_back({"packing", std::make_unique<PackingWorker>(prepared), 2.0});
  return workers;
}

void run_packing(const Prepared& prepared, Context& context) {
  PackingWorker worker(prepared);
  run_alone(worker, context);
}

void run_differencing(const Prepared& prepared, Context& context) {
  DifferencingWorker worker(prepared, context.options().seed);
  run_alone(worker, context);
}

}  // namespace plimsoll::assignment
