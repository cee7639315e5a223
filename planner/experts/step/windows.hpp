// The windows of a step in the order of time. See include/plimsoll/step.hpp.
#pragma once

#include <vector>

#include "plimsoll/step.hpp"

namespace plimsoll::experts::step {

// One layer of one pass.
struct Window {
  int microstep = 0;
  int layer = 0;
  Pass pass = Pass::forward;
  friend bool operator==(const Window&, const Window&) = default;
};

// Layers in order forward, in reverse order backward, pass after pass. An empty schedule stands for the default one.
std::vector<Window> windows_of(const StepInstance& instance);

// What holds where an instance has no schedule: all forward passes in order, each followed by its backward pass where
// gradients return.
std::vector<ScheduledPass> default_schedule(int microsteps, bool gradient_return);

}  // namespace plimsoll::experts::step
