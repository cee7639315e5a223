// Transient replicas of one layer of one micro-step under even dispatch, where one more replica takes the same part
// from each of the others: the device that ends last hands a part of one of its experts to the device that ends first
// with it, as long as the layer ends earlier then.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "planner/experts/step/prepare.hpp"

namespace plimsoll::experts::step {

struct EvenTask {
  std::span<const double> load;                    // [experts]
  std::vector<std::pair<int, int>> standing;       // (expert, device) of every replica so far
  std::vector<int> free_columns;                   // [devices]
  std::span<const std::pair<int, int>> forbidden;  // sorted
  std::span<const int> home;                       // [experts] the node it is bound to; empty where experts are free
};

// The pairs to add, in the order found, and the largest device time with them.
std::vector<std::pair<int, int>> even_transients(const Prepared& prepared, const EvenTask& task, double& seconds,
                                                 std::uint64_t& work);

}  // namespace plimsoll::experts::step
