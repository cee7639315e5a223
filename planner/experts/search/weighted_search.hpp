// Local search for one layer under weighted dispatch: replicas carry explicit tokens, and the search moves tokens as
// well as replicas. Descent on the device that ends last, restarted from small kicks.
//
// Neighbourhoods of a replica on the bottleneck:
//   shift   tokens to another replica of the same expert
//   swap    it changes places with a replica of another device, tokens and all (with an empty slot: a move)
//   split   a new replica on a device that has a slot to spare, or gets one by handing a replica's tokens to its
//   sibling
// Tokens that go are divided by balance.hpp. Where the cost allows, token_flow.hpp re-solves all shares exactly.
#pragma once

#include <cstdint>

#include "planner/experts/search/layer.hpp"
#include "support/meter.hpp"
#include "support/random.hpp"

namespace plimsoll::experts {

void descend_weighted(LayerState& state, double target, std::uint64_t& work, int step_limit = 1 << 30);

void improve_weighted(LayerState& state, double target, support::Random& random, std::uint64_t work_limit,
                      const support::Meter& meter, std::uint64_t& work);

// Shifts tokens between standing replicas until no shift helps the bottleneck; no replica comes or goes. Under a table
// this is a descent and proves nothing.
void shift_tokens(LayerState& state, std::uint64_t& work, int step_limit = 1 << 30);

// Takes replicas without tokens away where the expert has others: their slots are free for splits.
void drop_idle_replicas(LayerState& state);

}  // namespace plimsoll::experts
