// The methods `milp-glpk` and `milp-cbc`: local search for a first plan, then the integer program (formulation/),
// solved by a backend that starts from the plan. Layers that do not depend on each other are solved one by one and
// their bounds added up; others together. What the backend says about plans is judged by the evaluation like any other
// plan; what it says about bounds is marked as its word in the certificate.
#pragma once

#include "planner/experts/context.hpp"

namespace plimsoll::experts {

// Throw Error(unsupported) where the build lacks the backend, or the program would be too large.
void run_milp_glpk(const Prepared& prepared, Context& context);
void run_milp_cbc(const Prepared& prepared, Context& context);

// For other methods: the integer program from the context's best plan, with CBC where the build has it, else GLPK, and
// with this part of what is left of the limits. False where there is neither a backend nor a plan.
bool prove_by_program(const Prepared& prepared, Context& context, double part);

}  // namespace plimsoll::experts
