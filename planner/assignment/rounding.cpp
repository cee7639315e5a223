// The linear relaxation at its least target, rounded, and as much tabu search as finds no better plan any more.
#include "planner/assignment/search/rounding.hpp"

#include <vector>

#include "planner/assignment/makespan.hpp"
#include "planner/assignment/method.hpp"
#include "planner/assignment/search/target_tabu.hpp"

namespace plimsoll::assignment {
namespace {

constexpr std::uint64_t polishing_steps = 20'000;  // without a better plan
constexpr std::uint64_t steps_at_once = 64;

}  // namespace

void run_rounding(const Prepared& prepared, Context& context) {
  refuse_cost(prepared, "rounding");
  run_alone(*make_target_bounds(prepared, true), context);
  const Times times(prepared);
  LinearTarget linear(times);
  if (linear.solve(*context.bound(), true, context.meter()) == Times::never) {
    linear.solve(Times::never, true, context.meter());
  }
  std::vector<int> bins = rounded(times, linear);
  context.offer_bins(bins);
  TargetTabu tabu(times, linear, context.options().seed, 76);
  for (std::uint64_t left = polishing_steps; left > 0 && !context.should_stop();) {
    const auto before = context.objective();
    if (left == polishing_steps) {
      tabu.aim(before ? times.below(*before) : Times::never, false);
      tabu.start(bins, context);
    }
    tabu.run(steps_at_once, context);
    context.meter().add_work(linear.take_work() + tabu.take_work() + 1);
    const bool better = context.objective() != before;
    left = better ? polishing_steps : left - std::min(left, steps_at_once);
    if (better) bins = context.best_bins();
  }
}

}  // namespace plimsoll::assignment
