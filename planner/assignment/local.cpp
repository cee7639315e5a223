// Local search for the makespan: tabu search and dives in turns, with the bounds that they aim at.
#include <algorithm>

#include "planner/assignment/makespan.hpp"
#include "planner/assignment/method.hpp"

namespace plimsoll::assignment {

void run_local(const Prepared& prepared, Context& context) {
  refuse_cost(prepared, "local");
  std::vector<Share> workers;
  workers.push_back({"search", make_target_search(prepared, context.options().seed), 1});
  workers.push_back({"dive", make_target_dive(prepared, context.options().seed), 1});
  workers.push_back({"bounds", make_target_bounds(prepared), 1});
  take_turns(workers, context);
}

}  // namespace plimsoll::assignment
