// Method `greedy`: constructions by regret with several measures, each improved by shifts and swaps; where none is
// feasible, a short oscillation repairs the best of them.
#include "planner/assignment/method.hpp"
#include "planner/assignment/search/cost_oscillation.hpp"
#include "planner/assignment/search/cost_seed.hpp"
#include "plimsoll/error.hpp"

namespace plimsoll::assignment {

void refuse_makespan(const Prepared& prepared, std::string_view method) {
  if (!prepared.makespan) return;
  throw Error(ErrorCode::unsupported, "method " + std::string(method) + " plans for least cost, not for makespan",
              "/objective", "Maybe use auto.");
}

void run_greedy(const Prepared& prepared, Context& context) {
  refuse_makespan(prepared, "greedy");
  const CostGuide guide(prepared, context);
  const std::vector<int> plan = seed_plan(guide, context);
  CostOscillation search(guide, context.options().seed);
  search.start(plan);
  std::uint64_t work = 0;
  std::uint64_t counted = 0;
  CostOscillation::Watch watch;
  watch.first_only = true;
  watch.found = [&](const std::vector<int>& found) { context.offer_bins(found); };
  watch.stop = [&]() {
    context.meter().add_work(work - counted);
    counted = work;
    return context.should_stop();
  };
  search.run(work, 100'000'000, watch);
  context.meter().add_work(work - counted);
}

}  // namespace plimsoll::assignment
