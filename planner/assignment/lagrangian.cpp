// Method `lagrangian`: item prices by a subgradient method, and the plans that repairs give on the way.
#include "planner/assignment/bounds/ascent.hpp"
#include "planner/assignment/method.hpp"
#include "plimsoll/error.hpp"

namespace plimsoll::assignment {

void run_lagrangian(const Prepared& prepared, Context& context) {
  if (prepared.makespan) {
    throw Error(ErrorCode::unsupported, "method lagrangian minimises costs and knows no makespan", "/objective",
                "Maybe use auto.");
  }
  LagrangianAscent ascent(prepared);
  run_alone(ascent, context);
}

}  // namespace plimsoll::assignment
