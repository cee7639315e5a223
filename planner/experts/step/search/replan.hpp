// A standing placement improved by few moves: one replica at a time becomes one of another expert, in the layer and
// place where that lowers the risk most per move, while moves are left and pay for themselves.
#pragma once

#include <optional>

#include "planner/experts/step/prepare.hpp"
#include "support/meter.hpp"

namespace plimsoll::experts::step {

// What stands, as rows of columns; nothing where moves are free, or where what stands serves not every expert or stands
// on dead devices or in the way of a rule that replacing replicas cannot mend (groups).
std::optional<Matrix<int>> standing_rows(const Prepared& prepared);

// Keeps max_moves, max_moves_per_device and memory, and charges move_seconds. `base` is what stands.
void replan(const Prepared& prepared, double deviations, int threads, support::Meter& meter, Matrix<int>& base);

}  // namespace plimsoll::experts::step
