// Second part of the replay: the lives of transient slots. A slot is taken from the start of the transfer that fills it
// until its last window and its gradient are done; meanwhile, once it has arrived, the expert may be copied on.
#pragma once

#include <vector>

#include "planner/experts/step/replay.hpp"
#include "planner/experts/step/replay_match.hpp"

namespace plimsoll::experts::step {

// Lives of one slot must not overlap, and the source of a transfer must hold its expert all the time.
// `free`: [replicas] when its slot is free again.
void check_slots(const Scene& scene, const Matching& matching, const std::vector<double>& free, double tolerance,
                 Violations& violations);
void check_sources(const Scene& scene, const Matching& matching, const std::vector<double>& free, double tolerance,
                   Violations& violations);

}  // namespace plimsoll::experts::step
