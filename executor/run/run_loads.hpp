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
// Whole tokens that sum to the scaled row's sum, rounded.
std::vector<std::int64_t> scaled_loads(std::span<const double> load, double scale);

// The window of a row of a plan, all columns of a device next to each other, with its tokens handed out.
Window window_of(const ExpertPlan& plan, int row, std::span<const int> columns_of_device,
                 std::vector<std::int64_t> load);

// [micro-steps] tokens that a micro-step's layers take: as many as its largest one needs.
std::vector<int> tokens_of_microsteps(const RunPlan& plan, int top_k);

// Gives each replica its part of its expert's tokens, as the plan says (routing/apportion.hpp). load [experts] tokens.
void hand_out_tokens(Window& window, std::span<const std::int64_t> load);

}  // namespace plimsoll::executor
