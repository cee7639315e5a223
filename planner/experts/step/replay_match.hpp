// First part of the replay: each transfer by itself, and which transient replica it belongs to.
#pragma once

#include <vector>

#include "planner/experts/step/replay.hpp"

namespace plimsoll::experts::step {

struct Matching {
  std::vector<bool> sound;    // [transfers] between existing places, at times that are numbers, over a path with a rate
  std::vector<int> weights;   // [replicas] the transfer that fills its slot, -1: none
  std::vector<int> gradient;  // [replicas] the transfer of its gradient, -1: none
};

// `last_window`: [micro-steps * layers] its backward window where one is scheduled, else the forward one.
Matching match_transfers(const Scene& scene, const std::vector<int>& last_window, Violations& violations);

}  // namespace plimsoll::experts::step
