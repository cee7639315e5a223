// Base replicas where the instance binds them: groups on a node, memory, moves that are limited or priced. The static
// local search plans the step's sum of loads with base slots alone and keeps all of these.
#pragma once

#include "planner/experts/step/context.hpp"
#include "planner/experts/step/prepare.hpp"

namespace plimsoll::experts::step {

// [layers][columns]; empty where no plan was found.
Matrix<int> standing_base(const Prepared& prepared, Context& context);

}  // namespace plimsoll::experts::step
