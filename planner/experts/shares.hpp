// The plan that moves nothing, for the method `shares` and as the first plan of others.
#pragma once

#include "planner/experts/context.hpp"

namespace plimsoll::experts {

// Offers the standing placement with its best shares. Returns false where the placement breaks a constraint; throws
// Error(unsupported) where an expert stands on no live device.
bool offer_standing(const Prepared& prepared, Context& context);

}  // namespace plimsoll::experts
