// What joins the micro-steps of a layer: base replicas are the same in all of them, and what is transient has to be
// sent. docs/methods-steps.md, has the program.
#pragma once

#include "planner/experts/step/prepare.hpp"
#include "support/meter.hpp"

namespace plimsoll::experts::step {

// Transient replicas that all links (or the slots of a pool) together let arrive per second of the step; infinite
// where nothing limits them.
double arrivals_per_second(const Prepared& prepared);

// No step is shorter; 0 where the relaxation proves nothing. `seconds` [microsteps][layers] are bounds on the largest
// device times, `rest` what all windows take at least besides. Needs Clp, and gives up on layers that are too large for
// it.
double coupled_bound(const Prepared& prepared, const Matrix<double>& seconds, double rest, int threads,
                     support::Meter& meter);

}  // namespace plimsoll::experts::step
