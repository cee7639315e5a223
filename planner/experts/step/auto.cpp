// The default for steps: foresight, whatever the size. Where the step is small the integer program follows.
#include "planner/experts/step/method.hpp"
#include "planner/experts/step/milp.hpp"

namespace plimsoll::experts::step {

void run_auto(const Prepared& prepared, Context& context) {
  run_foresight(prepared, context);
  if (!context.should_stop() && is_small(prepared)) prove_small(prepared, context, 0.9);
}

}  // namespace plimsoll::experts::step
