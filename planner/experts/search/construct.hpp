// First plans of one layer, in microseconds.
#pragma once

#include <vector>

#include "planner/experts/search/layer.hpp"
#include "support/random.hpp"

namespace plimsoll::experts {

// Replica counts that fill the capacity: one each, then always one more for the expert whose replicas are largest
// (the greedy that is optimal for the largest even piece). `weight` scales an expert's claim; empty: all 1.
std::vector<int> greedy_counts(const LayerProblem& problem, const std::vector<double>& weight = {});

// Longest processing time first: the pieces of the given counts, largest first, each to the device that ends earliest
// with it and has a slot left. `soft_limit` [devices], where given, is kept to while other devices have slots;
// `random`, where given, shakes the order. Returns false where some expert found no slot. The state must be empty.
bool place_largest_first(LayerState& state, const std::vector<int>& counts, const std::vector<int>& soft_limit = {},
                         support::Random* random = nullptr);

// What stands now, as far as it may: dead devices, foreign nodes and slots beyond the capacity are left out, experts
// without a replica get a slot (an empty one, or one of the expert with most replicas), and under even dispatch empty
// slots are filled. Weighted: all tokens of an expert start on its first replica. Returns false where it cannot be
// done.
bool place_standing(LayerState& state);

}  // namespace plimsoll::experts
