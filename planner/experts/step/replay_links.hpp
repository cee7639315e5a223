// Third part of the replay: a link carries one transfer at a time, and none while it is busy with dispatch or combine.
#pragma once

#include <vector>

#include "planner/experts/step/replay.hpp"

namespace plimsoll::experts::step {

// `sound`: [transfers] those to look at; `start`: [windows].
void check_links(const Scene& scene, const std::vector<bool>& sound, const std::vector<double>& start, double tolerance,
                 Violations& violations);

}  // namespace plimsoll::experts::step
