// "No plan is worth this target or less", proven by prices of items: a plan of objective at most Z is done by T(Z), so
// every bin b holds a set of items whose sizes fit its room until T(Z); if all sets together cannot be worth what the
// items are, there is no such plan. With prices p, the multiplier g of the budget G of changes (v_bi for a pair), and
// for priced changes (c_bi for a pair) weights w of bins that sum to at most 1:
//
//   L = sum_i p_i - g G - sum_b max { sum_{i in S} (p_i - c_bi - w_b t_bi - g v_bi) : S fits bin b by T(Z) }
//
// Any plan worth Z or less is worth at least L. Without prices for changes the w are 0 and the argument does not depend
// on the unit of p: L > 0 refutes Z. Dimensions and apart lists are left out, which keeps every bound valid.
#pragma once

#include <cstdint>
#include <vector>

#include "planner/assignment/bound.hpp"
#include "planner/assignment/bounds/fill.hpp"
#include "planner/assignment/times.hpp"

namespace plimsoll::assignment {

// The pair can stand in a plan whose objective is at most `target`; `latest` is times.latest(target).
bool fits_target(const Times& times, int item, int bin, double target, double latest);

// What the item is worth to the bin beyond what the pair costs.
double worth(const Times& times, const Proof& proof, int item, int bin);

// The bound that the proof's numbers give, computed from the formula above; minus infinity where they prove nothing.
// Stands alone, for `check`.
double target_bound(const Times& times, const Proof& proof);

}  // namespace plimsoll::assignment
