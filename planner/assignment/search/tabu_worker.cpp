#include "planner/assignment/search/tabu_worker.hpp"

#include "planner/assignment/search/cost_seed.hpp"

namespace plimsoll::assignment {

void TabuWorker::turn(Context& context, std::uint64_t work) {
  const std::uint64_t start = context.meter().work();
  if (!search_) {
    guide_ = std::make_unique<CostGuide>(prepared_, context);
    search_ = std::make_unique<CostOscillation>(*guide_, context.options().seed);
    search_->start(seed_plan(*guide_, context));
  }
  if (context.objective()) {
    const double cost = *context.objective() / guide_->tables().cost_unit;
    if (search_->set_best(cost)) search_->start(context.best_bins());
  }
  const std::uint64_t before = context.meter().work() - start;
  if (before >= work) return;
  std::uint64_t spent = 0;
  std::uint64_t counted = 0;
  CostOscillation::Watch watch;
  watch.found = [&](const std::vector<int>& plan) { context.offer_bins(plan); };
  watch.stop = [&]() {
    context.meter().add_work(spent - counted);
    counted = spent;
    return context.should_stop();
  };
  search_->run(spent, work - before, watch);
  context.meter().add_work(spent - counted);
}

}  // namespace plimsoll::assignment
