// Cuts an instance into layers that can be solved apart: hands out the memory, and binds groups to nodes.
#pragma once

#include <vector>

#include "planner/experts/search/layer.hpp"
#include "support/random.hpp"

namespace plimsoll::experts {

// One problem per layer. Where memory binds, each device's replicas are spread over the layers as evenly as they go,
// the odd ones to the layers that have least room so far; with a placement that fits, its own use comes first.
std::vector<LayerProblem> split_layers(const Prepared& prepared);

// Nodes for the groups of one layer, [experts]: largest group first to the node that ends earliest with it. Empty where
// groups are free. `random`, where given, shakes the order. Returns false where some group found no node.
bool bind_groups(const LayerProblem& problem, support::Random* random, std::vector<int>& home);

// The binding that the current placement has or is closest to.
bool bind_groups_as_standing(const LayerProblem& problem, std::vector<int>& home);

// A neighbour of a binding: two groups of different nodes change places, or one moves. Returns false where none was
// found.
bool rebind_groups(const LayerProblem& problem, support::Random& random, std::vector<int>& home);

}  // namespace plimsoll::experts
