// Dispatch and combine of one layer: which bytes cross which link, and how long that takes. Part of the evaluation;
// methods may ask it as well.
//
// Links are those of transfers: link 4 d + 0 and 4 d + 1 are the out and in port of device d inside its node,
// 4 n + 2 and 4 n + 3 what NIC n sends and receives.
#pragma once

#include <span>
#include <vector>

#include "plimsoll/step.hpp"

namespace plimsoll::experts::step {

struct Traffic {
  std::vector<double> dispatch_seconds;  // [4 * devices] by link; empty without `sources`
  std::vector<double> combine_seconds;   // the same
  double dispatch = 0;                   // seconds of the phase
  double combine = 0;
};

// `slots` and `shares` are those of the micro-step and layer.
Traffic traffic(const StepInstance& instance, int microstep, int layer, std::span<const int> slots,
                std::span<const double> shares);

// Seconds of a window (backward: compute and the rest take backward_ratio times as long).
double window_seconds(const StepInstance& instance, double compute_seconds, const Traffic& traffic, Pass pass);

}  // namespace plimsoll::experts::step
