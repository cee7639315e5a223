#include "planner/experts/exact/prove.hpp"

#include <algorithm>
#include <limits>
#include <optional>
#include <set>

#include "planner/experts/evaluate.hpp"
#include "planner/experts/exact/branch_layer.hpp"
#include "planner/experts/exact/coupling.hpp"
#include "planner/experts/search/split.hpp"

namespace plimsoll::experts {
namespace {

std::int64_t moves_of(const Prepared& prepared, const ExpertPlan& plan, int layer) {
  if (!prepared.has_placement()) return 0;
  std::set<std::pair<int, int>> pairs;
  const auto slots = plan.slots.row(static_cast<std::size_t>(layer));
  for (int slot = 0; slot < prepared.total_slots(); ++slot) {
    const int expert = slots[static_cast<std::size_t>(slot)];
    if (expert >= 0) pairs.emplace(expert, prepared.device_of_slot(slot));
  }
  return std::count_if(pairs.begin(), pairs.end(),
                       [&](const auto& pair) { return !prepared.stood(layer, pair.first, pair.second); });
}

}  // namespace

void prove_layers(const Prepared& prepared, const ExpertPlan& plan, std::uint64_t work, Bounds& bounds) {
  const support::Meter meter(std::numeric_limits<std::uint64_t>::max(), std::nullopt, nullptr);
  const auto& instance = prepared.instance;
  const Evaluation evaluation = evaluate(instance, plan);
  for (const LayerProblem& problem : split_layers(prepared)) {
    LayerBound& bound = bounds.layers[static_cast<std::size_t>(problem.layer)];
    if (!branch_refusal(problem).empty()) return;
    const double score = evaluation.layer_seconds[static_cast<std::size_t>(problem.layer)] -
                         instance.cost.other_seconds +
                         instance.move_seconds * static_cast<double>(moves_of(prepared, plan, problem.layer));
    if (score <= bound.seconds) continue;
    const BranchResult result = branch(problem, score, work / branch_work, meter);
    if (result.complete && result.bound > bound.seconds) bound = {result.bound, BoundKind::branch};
  }
  const double before = bounds.objective;
  sum_up(prepared, bounds);
  bounds.objective = std::max(bounds.objective, before);
}

double prove_claim(const Prepared& prepared, Bounds bounds, const ExpertPlan& plan, double claimed,
                   std::uint64_t work) {
  if (!prepared.shares_limits()) {
    prove_layers(prepared, plan, work, bounds);
    return bounds.objective;
  }
  const support::Meter meter(std::numeric_limits<std::uint64_t>::max(), std::nullopt, nullptr);
  const double other = prepared.instance.cost.other_seconds * prepared.layers;
  std::vector<double> layers;
  for (const LayerBound& layer : bounds.layers) layers.push_back(layer.seconds);
  const CouplingResult result = couple(prepared, layers, claimed - other, 1, work, work, meter, [](const auto&) {});
  return std::max(bounds.objective, result.bound + other);
}

}  // namespace plimsoll::experts
