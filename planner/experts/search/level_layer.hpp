// A plan of one layer with equal parts on devices that are alike, in tenths of a millisecond: replica counts by
// the greedy of construct.hpp, longest processing time first, then exchanges (exchange.hpp). Where groups are kept on
// nodes, groups are levelled over the nodes first and every node is a layer of its own.
#pragma once

#include <cstdint>

#include "planner/experts/search/layer.hpp"

namespace plimsoll::experts {

// All devices have the same speed, and seconds are in proportion to tokens. Under weighted dispatch equal parts are a
// plan as well.
bool may_level(const Prepared& prepared);

// Exchanges until the layer ends by `goal` or `work_limit` is spent; infeasible where groups found no nodes. Sets
// problem.home.
LayerPlan level_layer(LayerProblem& problem, double goal, std::uint64_t work_limit, std::uint64_t& work);

// Exchanges alone, from a plan that stands.
void level_replicas(const LayerProblem& problem, double goal, std::uint64_t work_limit, std::uint64_t& work,
                    LayerPlan& plan);

}  // namespace plimsoll::experts
