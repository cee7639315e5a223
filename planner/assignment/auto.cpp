#include "planner/assignment/method.hpp"

namespace plimsoll::assignment {

void run_auto(const Prepared& prepared, Context& context) { run_milp_cbc(prepared, context); }

}  // namespace plimsoll::assignment
