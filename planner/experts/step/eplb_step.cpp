// EPLB as engines run it: one placement from the step's sum of loads, in base and transient slots alike, even shares.
#include "planner/experts/step/method.hpp"
#include "planner/experts/step/search/baseline.hpp"

namespace plimsoll::experts::step {

void run_eplb_step(const Prepared& prepared, Context& context) {
  offer_or_refuse(context, even_plan(prepared, eplb_base(prepared, "eplb-step", context)), "eplb-step");
}

}  // namespace plimsoll::experts::step
