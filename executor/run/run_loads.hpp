// The tokens of a run: whole numbers, scaled down where a machine is smaller than the one that a plan was made for.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "executor/run/run_plan.hpp"

namespace plimsoll::executor {

// Which layers and micro-steps of so many are run. Throws Error(usage) where the part lies outside.
struct PartBounds {
  int first_layer = 0;
  int layers = 0;
  int microsteps = 0;
};
PartBounds bounds_of(const RunPart& part, int layers, int microsteps);

// What loads are multiplied by so that the largest row sums to part.tokens.
double load_scale(const RunPart& part, double largest_sum);
// Whole tokens that sum to the scaled row's sum, rounded; each within 1 of its own.
std::vector<std::int64_t> whole_loads(std::span<const double> load, double scale);

// The replicas of one row of a plan by device; `slots` and `shares` list the columns of a device next to each other.
std::vector<std::vector<RunReplica>> replicas_of(std::span<const int> slots, std::span<const double> shares,
                                                 std::span<const int> columns_of_device);

// Gives each replica its part of its expert's tokens, by its share: a range in the order of tokens, one replica after the
// other by device and slot. `load` is [experts] tokens. Throws Error(internal) where a loaded expert has no replica.
void hand_out_tokens(std::vector<std::vector<RunReplica>>& replicas, std::span<const std::int64_t> load);

}  // namespace plimsoll::executor
