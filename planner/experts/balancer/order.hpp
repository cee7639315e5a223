// From one row of slots to another by copies and exchanges, so that no expert is ever without a replica.
//
// A slot can be overwritten while it is empty or its expert has another replica. Where no slot that has to change can,
// what is left are cycles of experts with one replica each (A waits for B's slot and B for A's): k slots are put right
// by k - 1 exchanges, or by way of a stepping stone, a slot that is empty or whose expert has another replica: its
// content makes room for A, and comes back at the end.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "planner/experts/prepare.hpp"
#include "plimsoll/balancer.hpp"

namespace plimsoll::experts::balancer {

// The same experts on each device, those that stay in the slots where they stand.
std::vector<int> settled(const Prepared& prepared, std::span<const int> standing, std::span<const int> target);

// Nothing where a cycle is left that neither an exchange (if allowed) nor a stepping stone breaks. `target` holds every
// expert. Experts that stand nowhere are loaded, as early as there is a slot.
std::optional<std::vector<BalancerMove>> order_moves(const Prepared& prepared, int layer, std::span<const int> standing,
                                                     std::span<const int> target, bool exchanges);

// Experts whose weights are sent from a device to another, or loaded.
std::int64_t transfers_of(std::span<const BalancerMove> moves);

}  // namespace plimsoll::experts::balancer
