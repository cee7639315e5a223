#include "planner/experts/balancer/scenarios.hpp"

#include <algorithm>
#include <cmath>

namespace plimsoll::experts::balancer {
namespace {

// [remembered] newest last, sum 1.
std::vector<double> weights_of(const Knowledge& knowledge) {
  std::vector<double> weight(knowledge.observed.size(), 1.0);
  for (std::size_t k = weight.size(); k-- > 1;) weight[k - 1] = weight[k] * knowledge.options.decay;
  double sum = 0;
  for (const double part : weight) sum += part;
  for (double& part : weight) part /= sum;
  return weight;
}

}  // namespace

Matrix<double> predicted_load(const Knowledge& knowledge) {
  const ExpertModel& model = knowledge.frame.model;
  const double tile = static_cast<double>(knowledge.frame.cost.tile_tokens);
  Matrix<double> load(static_cast<std::size_t>(model.layers), static_cast<std::size_t>(model.experts),
                      knowledge.observed.empty() ? std::max(1.0, tile) : 0.0);
  const std::vector<double> weight = weights_of(knowledge);
  for (std::size_t layer = 0; layer < load.rows(); ++layer) {
    const auto row = load.row(layer);
    for (std::size_t k = 0; k < weight.size(); ++k) {
      const auto seen = knowledge.observed[k].row(layer);
      for (std::size_t expert = 0; expert < row.size(); ++expert) row[expert] += weight[k] * seen[expert];
    }
    if (tile < 1) continue;
    for (double& tokens : row) tokens = std::round(tokens);
  }
  return load;
}

Scenarios scenarios_of(const Knowledge& knowledge) {
  if (knowledge.frame.dispatch == Dispatch::weighted || knowledge.observed.empty()) {
    return {{predicted_load(knowledge)}, {1.0}};
  }
  return {knowledge.observed, weights_of(knowledge)};
}

}  // namespace plimsoll::experts::balancer
