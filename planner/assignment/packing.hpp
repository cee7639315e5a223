// The workers for makespan on identical bins where nothing else limits a plan (identical.hpp), for `auto` and for the
// methods `packing` and `differencing`.
#pragma once

#include <memory>
#include <vector>

#include "planner/assignment/identical.hpp"
#include "planner/assignment/worker.hpp"

namespace plimsoll::assignment {

struct PackingShare {
  const char* name;
  std::unique_ptr<Worker> worker;
  double share;  // of the work, relative to the others
};

// Empty where can_pack is false.
std::vector<PackingShare> packing_workers(const Prepared& prepared, std::uint64_t seed);

}  // namespace plimsoll::assignment
