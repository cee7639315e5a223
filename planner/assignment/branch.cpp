// Method `branch`: exact search alone.
#include "planner/assignment/exact/cost_branch.hpp"
#include "planner/assignment/makespan.hpp"
#include "planner/assignment/method.hpp"

namespace plimsoll::assignment {

void run_branch(const Prepared& prepared, Context& context) {
  if (prepared.makespan) {
    run_alone(*make_makespan_branch(prepared), context);
    return;
  }
  CostBranch branch(prepared);
  run_alone(branch, context);
}

}  // namespace plimsoll::assignment
