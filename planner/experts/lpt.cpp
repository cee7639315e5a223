// The textbook greedy: replicate the expert with the largest replicas, then longest processing time first (Graham
// 1969).
#include "planner/experts/method.hpp"
#include "planner/experts/search/assemble.hpp"
#include "planner/experts/search/construct.hpp"
#include "planner/experts/search/split.hpp"
#include "plimsoll/error.hpp"

namespace plimsoll::experts {

void run_lpt(const Prepared& prepared, Context& context) {
  refuse_move_limits(prepared, "lpt");
  std::vector<LayerPlan> plans;
  for (LayerProblem& problem : split_layers(prepared)) {
    bind_groups(problem, nullptr, problem.home);
    LayerState state(problem);
    place_largest_first(state, greedy_counts(problem));
    plans.push_back(relabel(prepared, problem.layer, state.plan()));
    context.meter().add_work(static_cast<std::uint64_t>(state.slot_count()) *
                             static_cast<std::uint64_t>(problem.devices()));
  }
  offer_or_refuse(context, assemble(prepared, plans), "lpt");
}

}  // namespace plimsoll::experts
