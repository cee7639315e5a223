// The default for steps: foresight, whatever the size. Where the step is small the integer program follows.
#include "planner/experts/step/method.hpp"

namespace plimsoll::experts::step {

void run_auto(const Prepared& prepared, Context& context) { run_foresight(prepared, context); }

}  // namespace plimsoll::experts::step
