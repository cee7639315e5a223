// Experts that no live device holds get a slot again, before anything else is moved.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "planner/experts/balancer/even_layer.hpp"
#include "planner/experts/balancer/scenarios.hpp"
#include "planner/experts/prepare.hpp"

namespace plimsoll::experts::balancer {

std::vector<LostExpert> lost_experts(const Matrix<int>& slots, int experts);

// Replicas that still fit on each device; empty where memory does not bind.
std::vector<std::int64_t> memory_room(const Prepared& prepared, const Matrix<int>& slots);

// Puts every lost expert into an empty slot or one whose expert has another replica, the busiest expert first, where
// the layer ends earliest with it. A layer where that leaves one without a place is planned from scratch. Says why not,
// where that fails too; `slots` is then as it was.
std::string recover(const Prepared& prepared, const Scenarios& scenarios, const std::vector<LostExpert>& lost,
                    std::uint64_t seed, Matrix<int>& slots, std::uint64_t& work);

}  // namespace plimsoll::experts::balancer
