// The problem `assignment`: every item goes into exactly one bin, at least cost under capacities (generalized
// assignment) or so that the last bin is done as early as possible (makespan on unrelated, uniform or identical
// machines). Format and defaults: docs/formats.md, "assignment".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "plimsoll/matrix.hpp"

namespace plimsoll {

enum class AssignmentObjective {
  cost,      // the sum over items of cost[bin of the item][item]
  makespan,  // the largest over bins of (sum of the sizes of its items) / speed
};

// One resource that every bin offers and every item uses.
struct AssignmentDimension {
  std::string name;
  Matrix<double> size;           // [bins][items], 0 or more
  std::vector<double> capacity;  // [bins], 0 or more
};

struct AssignmentInstance {
  std::string name;
  AssignmentObjective objective = AssignmentObjective::cost;
  int bins = 1;
  int items = 1;
  Matrix<double> cost;                          // [bins][items], of any sign; empty for makespan
  Matrix<double> size;                          // [bins][items], 0 or more; for makespan the time at speed 1
  std::vector<double> capacity;                 // [bins] of the sums of `size`; empty: no limit (makespan only)
  std::vector<double> speed;                    // [bins] above 0, for makespan; empty: all 1
  std::vector<AssignmentDimension> dimensions;  // further capacities, besides `size` and `capacity`
  std::vector<std::pair<int, int>> forbidden;   // (item, bin): the item must not go there
  std::vector<std::pair<int, int>> pinned;      // (item, bin): the item must go there
  std::vector<std::vector<int>> together;       // the items of one list share a bin
  std::vector<std::vector<int>> apart;          // no two items of one list share a bin
  std::vector<int> current;                     // [items] the bin where it is now, or -1: nowhere; empty: not given
  double change_price = 0;                      // added to the objective for each item that leaves its current bin
  std::optional<std::int64_t> max_changes;      // at most so many items leave their current bin
};

struct AssignmentPlan {
  std::vector<int> bin_of;  // [items]
  friend bool operator==(const AssignmentPlan&, const AssignmentPlan&) = default;
};

struct AssignmentMetrics {
  double cost = 0;           // the sum of costs, prices of changes aside; 0 for makespan
  double makespan = 0;       // the largest over bins of (sum of sizes) / speed
  double mean_load = 0;      // the mean over bins of (sum of sizes) / speed
  double fullest = 0;        // the largest part of a capacity that is used, over bins and dimensions; 0 without any
  std::int64_t changes = 0;  // items that left their current bin
};

}  // namespace plimsoll
