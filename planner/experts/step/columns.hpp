// Which columns of a row of slots are base slots: those that a plan's `base` lists, and that a placement speaks of.
#pragma once

#include <vector>

#include "plimsoll/step.hpp"

namespace plimsoll::experts::step {

// All columns of a row: for each device its base slots, then its transient ones.
int count_columns(const StepInstance& instance);
// The column of each base slot, in the order of devices; dead devices included.
std::vector<int> base_columns(const StepInstance& instance);

}  // namespace plimsoll::experts::step
