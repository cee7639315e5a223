#include "planner/experts/step/evaluate.hpp"

#include <algorithm>
#include <cmath>

#include "planner/experts/step/judge_step.hpp"
#include "planner/experts/step/replay.hpp"

namespace plimsoll::experts::step {
namespace {

// Dispatch and combine of each (micro-step, layer); empty without sources.
std::vector<Traffic> all_traffic(const StepInstance& instance, const StepPlan& plan, Violations& violations) {
  std::vector<Traffic> all;
  if (instance.sources.empty()) return all;
  const TrafficModel model(instance);
  for (std::size_t m = 0; m < plan.microsteps.size(); ++m) {
    for (std::size_t layer = 0; layer < plan.base.rows(); ++layer) {
      const ExpertPlan& microstep = plan.microsteps[m];
      all.push_back(model.of(static_cast<int>(m), static_cast<int>(layer), microstep.slots.row(layer),
                             microstep.shares.row(layer)));
      if (std::isfinite(all.back().dispatch) && std::isfinite(all.back().combine)) continue;
      violations.add(RowPlace{layer, static_cast<int>(m)}.of("slots") +
                     ": dispatch and combine take a path for which the cluster's link gives no rate");
    }
  }
  return all;
}

void sum_up(const StepInstance& instance, const StepPlan& plan, const Timeline& timeline, Evaluation& result) {
  StepMetrics& metrics = result.metrics;
  result.window_start = timeline.start;
  result.waited = timeline.waited;
  metrics.exposed_seconds = timeline.exposed_seconds;
  metrics.step_seconds = timeline.step_seconds;
  metrics.transfers = static_cast<std::int64_t>(plan.transfers.size());
  for (const Transfer& transfer : plan.transfers) {
    metrics.transferred_bytes += bytes_of(instance.experts.model, transfer.kind);
  }
  result.objective = metrics.step_seconds + instance.experts.move_seconds * static_cast<double>(metrics.moves);
}

void judge(const StepInstance& instance, const StepPlan& plan, Violations& violations, Evaluation& result) {
  StepJudge rows(instance, plan, violations);
  if (!rows.shapes_fit()) return;
  rows.judge_base();
  rows.judge_microsteps(result);
  if (violations.full()) return;
  const std::vector<Traffic> crossing = all_traffic(instance, plan, violations);
  const std::vector<Window> windows = windows_of(instance);
  const std::vector<bool> alive = rows.alive();
  const Links links(instance.experts.cluster);
  const BaseHolders base(plan.base, rows.device_of_column(), alive, instance.experts.model.experts);
  const Scene scene{instance, plan, links, base, alive, windows, result.window_seconds, crossing, rows.replicas()};
  const Traffic none;
  bool finite = true;
  for (const Window& window : windows) {
    const auto seconds =
        result.device_seconds[static_cast<std::size_t>(window.microstep)].row(static_cast<std::size_t>(window.layer));
    const double largest = *std::max_element(seconds.begin(), seconds.end());
    const Traffic& traffic = crossing.empty() ? none : crossing[scene.row(window.microstep, window.layer)];
    result.metrics.expert_seconds += (window.pass == Pass::forward ? 1.0 : instance.backward_ratio) * largest;
    result.window_seconds.push_back(step::window_seconds(instance, largest, traffic, window.pass));
    finite = finite && std::isfinite(result.window_seconds.back());
  }
  if (!finite) {
    if (violations.empty()) violations.add("/plan/microsteps: the windows take no finite time");
    return;
  }
  sum_up(instance, plan, replay(scene, violations), result);
}

}  // namespace

Evaluation evaluate(const StepInstance& instance, const StepPlan& plan) {
  Evaluation result;
  Violations violations;
  judge(instance, plan, violations, result);
  result.violations = violations.take();
  return result;
}

}  // namespace plimsoll::experts::step
