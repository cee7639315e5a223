// The workers for makespan on identical bins where nothing else limits a plan (identical.hpp), for `auto` and for the
// methods `packing` and `differencing`.
#pragma once

#include <memory>
#include <vector>

#include "planner/assignment/identical.hpp"
#include "planner/assignment/turns.hpp"

namespace plimsoll::assignment {

// Empty where can_pack is false.
std::vector<Share> packing_workers(const Prepared& prepared, std::uint64_t seed);

}  // namespace plimsoll::assignment
