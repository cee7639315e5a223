// LayerOptions lists devices that are alike (speed and slots) in one order only. A step has to know all orders, because
// links and the contents of other layers tell devices apart; one layer may leave out those that a renaming of devices
// with the same links makes equal.
#pragma once

#include <vector>

#include "planner/experts/step/exact/layer_options.hpp"

namespace plimsoll::experts::step {

// All different orders of the given options; `renamed`: only one of those that are equal up to a renaming which keeps
// nodes and NICs.
std::vector<BaseOption> all_orders(const Prepared& prepared, const std::vector<BaseOption>& options, bool renamed);

}  // namespace plimsoll::experts::step
