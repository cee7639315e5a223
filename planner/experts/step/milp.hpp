// The integer program of a step as a proof beside other methods: milp-glpk and milp-cbc are declared in method.hpp.
#pragma once

#include "planner/experts/step/context.hpp"
#include "planner/experts/step/prepare.hpp"

namespace plimsoll::experts::step {

// Small enough for prove_small to have a chance.
bool is_small(const Prepared& prepared);

// Improves the context's best plan and raises its bound with at most `part` of what is left of work and time: contents
// of layers one by one where that can be done, and the integer program over what they leave. Needs a plan. False where
// nothing could be done: no backend, no plan, or a feature that the program does not say.
bool prove_small(const Prepared& prepared, Context& context, double part);

}  // namespace plimsoll::experts::step
