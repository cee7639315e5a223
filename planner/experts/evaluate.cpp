#include "planner/experts/evaluate.hpp"

#include <algorithm>
#include <utility>

#include "planner/experts/judge_row.hpp"
#include "planner/experts/judge_totals.hpp"

namespace plimsoll::experts {
namespace {

bool shapes_fit(const ExpertInstance& instance, const ExpertPlan& plan, const RowJudge& rows, Violations& violations) {
  const auto layers = static_cast<std::size_t>(instance.model.layers);
  const auto fits = [&](const auto& table, const char* name) {
    if (table.rows() == layers && table.columns() == rows.columns()) return true;
    violations.add("/plan/" + std::string(name) + ": expected " + std::to_string(layers) + " rows of " +
                   std::to_string(rows.columns()) + " slots");
    return false;
  };
  if (rows.tiled() && !fits(plan.tokens, "tokens")) return false;
  return fits(plan.slots, "slots") && fits(plan.shares, "shares");
}

// [devices] replicas over all layers; what a dead device holds is a violation already.
std::vector<std::int64_t> held_by_device(const ExpertInstance& instance, const ExpertPlan& plan, const RowJudge& rows) {
  std::vector<std::int64_t> held(static_cast<std::size_t>(instance.cluster.devices()), 0);
  for (std::size_t layer = 0; layer < plan.slots.rows(); ++layer) {
    const auto slots = plan.slots.row(layer);
    for (std::size_t slot = 0; slot < slots.size(); ++slot) {
      const std::size_t device = rows.device_of_slot(slot);
      if (rows.expert_of(slots[slot]) >= 0 && rows.alive(device)) ++held[device];
    }
  }
  return held;
}

// False where there are so many violations that it stopped.
bool judge_layers(const ExpertInstance& instance, const ExpertPlan& plan, RowJudge& rows, Violations& violations,
                  Evaluation& result) {
  const auto layers = static_cast<std::size_t>(instance.model.layers);
  result.device_seconds = Matrix<double>(layers, static_cast<std::size_t>(instance.cluster.devices()), 0.0);
  result.layer_seconds.assign(layers, 0.0);
  Imbalance imbalance(instance);
  for (std::size_t layer = 0; layer < layers; ++layer) {
    const RowPlace place{layer};
    rows.judge_slots(place, plan.slots.row(layer));
    if (violations.full()) return false;
    PlanRow row{plan.slots.row(layer), plan.shares.row(layer), {}};
    if (rows.tiled()) row.tokens = plan.tokens.row(layer);
    const auto seconds = result.device_seconds.row(layer);
    rows.judge_shares(place, row, instance.load.row(layer), seconds);
    const double largest = *std::max_element(seconds.begin(), seconds.end());
    imbalance.add(instance.load.row(layer), largest);
    result.layer_seconds[layer] = largest + instance.cost.other_seconds;
    result.objective += result.layer_seconds[layer];
  }
  result.metrics.imbalance = imbalance.mean();
  result.metrics.worst_imbalance = imbalance.worst();
  return true;
}

}  // namespace

Evaluation evaluate(const ExpertInstance& instance, const ExpertPlan& plan) {
  Evaluation result;
  Violations violations;
  RowJudge rows(instance, instance.cluster.slots, 0, violations);
  if (shapes_fit(instance, plan, rows, violations) && judge_layers(instance, plan, rows, violations, result)) {
    judge_memory(instance, held_by_device(instance, plan, rows), "slots", "replicas", violations);
    result.metrics.moves = judge_moves(instance, rows, plan.slots, "slots", violations);
    result.metrics.moved_bytes = static_cast<double>(result.metrics.moves) * instance.model.expert_bytes;
    result.objective += instance.move_seconds * static_cast<double>(result.metrics.moves);
  }
  result.violations = violations.take();
  return result;
}

}  // namespace plimsoll::experts
