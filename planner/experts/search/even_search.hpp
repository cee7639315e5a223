// Local search for one layer under even dispatch: descent on the device that ends last, restarted from small kicks.
//
// Neighbourhoods, in the order they are tried (all incremental, O(replicas of the experts touched) each):
//   swap       two replicas on different devices change places (an empty slot counts: that is a move)
//   recount    one slot changes its expert: one expert gains a replica, another loses one (add and drop where slots may
//              stay empty)
//   ejection   a swap that overloads the other device, mended there by a second swap
#pragma once

#include <cstdint>

#include "planner/experts/search/layer.hpp"
#include "support/meter.hpp"
#include "support/random.hpp"

namespace plimsoll::experts {

// Descends until the bottleneck cannot be improved. Adds the candidates judged to `work`. Stops early where the layer's
// seconds reach `target`, or after `step_limit` improving steps.
void descend_even(LayerState& state, double target, std::uint64_t& work, int step_limit = 1 << 30);

// The best step of one neighbourhood that lowers the bottleneck; moves are neither priced nor limited. False where
// there is none.
bool swap_even(LayerState& state, std::uint64_t& work);
bool recount_even(LayerState& state, std::uint64_t& work);

// Kick, descend, keep if not worse, until the work is spent or the target reached. The state ends at the best it saw.
void improve_even(LayerState& state, double target, support::Random& random, std::uint64_t work_limit,
                  const support::Meter& meter, std::uint64_t& work);

}  // namespace plimsoll::experts
