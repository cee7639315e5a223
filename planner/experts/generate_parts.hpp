// What generated instances have in common, with micro-steps or without: the shape, the popularity of experts, and the
// placement that stands.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "planner/common/generate_values.hpp"
#include "plimsoll/experts.hpp"
#include "support/random.hpp"

namespace plimsoll::experts {

using Values = common::GenerateValues;

// Model, cluster, cost and dispatch by the options; no loads.
ExpertInstance generate_shape(const Values& values);

// [layers][experts] weights, not normalised.
std::vector<std::vector<double>> generate_popularity(const Values& values, const ExpertModel& model,
                                                     support::Random& random);

// --drift and --max-moves: places experts for the weights as they are and lets the weights drift away from it.
// `tokens` are those of a layer that the placement is made for. Loads of the instance are those before the drift.
void generate_placement(const Values& values, double tokens, std::vector<std::vector<double>>& weights,
                        ExpertInstance& instance, support::Random& random);

// Whole tokens in proportion to the weights, the total met up to rounding.
Matrix<double> loads_of(const std::vector<std::vector<double>>& weights, double tokens);

}  // namespace plimsoll::experts
