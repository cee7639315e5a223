// Method `branch`: exact search alone.
#include "planner/assignment/exact/cost_branch.hpp"
#include "planner/assignment/method.hpp"
#include "plimsoll/error.hpp"

namespace plimsoll::assignment {

void run_branch(const Prepared& prepared, Context& context) {
  if (prepared.makespan) {
    throw Error(ErrorCode::unsupported, "method branch minimises costs and knows no makespan", "/objective",
                "Maybe use auto.");
  }
  CostBranch branch(prepared);
  run_alone(branch, context);
}

}  // namespace plimsoll::assignment
