// The sequence of passes where the instance names none.
#pragma once

#include <vector>

#include "plimsoll/step.hpp"

namespace plimsoll::experts::step {

// F 0, F 1, ...; with backward passes F 0, B 0, F 1, B 1, ...
std::vector<ScheduledPass> default_schedule(int microsteps, bool backward);

}  // namespace plimsoll::experts::step
