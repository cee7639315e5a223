#include "planner/experts/balancer/judge.hpp"

#include <numeric>

#include "planner/experts/bound.hpp"
#include "planner/experts/evaluate.hpp"
#include "planner/experts/search/assemble.hpp"
#include "planner/experts/search/resplit.hpp"
#include "support/rounding.hpp"

namespace plimsoll::experts::balancer {
namespace {

void solve_shares_of(const Prepared& prepared, int layer, ExpertPlan& plan, std::uint64_t& work) {
  const auto row = plan.slots.row(static_cast<std::size_t>(layer));
  std::vector<double> load(prepared.load(layer).begin(), prepared.load(layer).end());
  std::vector<bool> served(load.size(), false);
  std::vector<Replica> replicas;
  for (std::size_t slot = 0; slot < row.size(); ++slot) {
    if (row[slot] < 0) continue;
    replicas.push_back({row[slot], prepared.device_of_slot(static_cast<int>(slot)), 0.0});
    served[static_cast<std::size_t>(row[slot])] = true;
  }
  for (std::size_t expert = 0; expert < load.size(); ++expert) {
    if (!served[expert]) load[expert] = 0.0;
  }
  resplit(prepared, layer, load, replicas, work);
  std::vector<double> tokens(row.size(), 0.0);
  std::size_t next = 0;
  for (std::size_t slot = 0; slot < row.size(); ++slot) {
    if (row[slot] >= 0) tokens[slot] = replicas[next++].tokens;
  }
  write_tokens(prepared, layer, load, tokens, plan);
}

}  // namespace

ExpertInstance working_instance(const ExpertInstance& frame, Matrix<double> load) {
  ExpertInstance instance = frame;
  instance.load = std::move(load);
  instance.placement.reset();
  instance.limits = {};
  instance.move_seconds = 0;
  instance.cluster.fill_slots = false;
  return instance;
}

ExpertPlan plan_of(const Prepared& prepared, const Matrix<int>& slots, std::uint64_t& work) {
  ExpertPlan plan = empty_plan(prepared);
  plan.slots = slots;
  for (int layer = 0; layer < prepared.layers; ++layer) {
    if (prepared.even) {
      share_evenly(prepared, layer, plan);
    } else {
      solve_shares_of(prepared, layer, plan, work);
    }
  }
  return plan;
}

double Judged::seconds() const { return std::accumulate(layer_seconds.begin(), layer_seconds.end(), 0.0); }

Judged judge(const ExpertInstance& frame, const Scenarios& scenarios, const ExpertPlan& plan) {
  Judged judged;
  judged.layer_seconds.assign(plan.slots.rows(), 0.0);
  ExpertPlan shared = plan;
  for (std::size_t m = 0; m < scenarios.load.size(); ++m) {
    const ExpertInstance instance = working_instance(frame, scenarios.load[m]);
    if (instance.cost.tile_tokens >= 1 && instance.dispatch == Dispatch::even) {
      const Prepared prepared(instance);
      for (int layer = 0; layer < prepared.layers; ++layer) share_evenly(prepared, layer, shared);
    }
    const Evaluation evaluation = evaluate(instance, shared);
    if (!evaluation.violations.empty()) {
      judged.violations = evaluation.violations;
      return judged;
    }
    for (std::size_t layer = 0; layer < judged.layer_seconds.size(); ++layer) {
      judged.layer_seconds[layer] += scenarios.weight[m] * evaluation.layer_seconds[layer];
    }
  }
  return judged;
}

ScenarioBound bound_of(const ExpertInstance& frame, const Scenarios& scenarios) {
  ScenarioBound bound;
  for (std::size_t m = 0; m < scenarios.load.size(); ++m) {
    const ExpertInstance instance = working_instance(frame, scenarios.load[m]);
    const Bounds bounds = quick_bounds(Prepared(instance));
    bound.seconds += scenarios.weight[m] * bounds.objective;
    if (m + 1 == scenarios.load.size()) bound.method = bounds.method;
  }
  bound.seconds = support::rounded_down(bound.seconds);
  return bound;
}

}  // namespace plimsoll::experts::balancer
