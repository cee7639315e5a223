#include "planner/experts/context.hpp"

#include "planner/experts/evaluate.hpp"
#include "support/rounding.hpp"

namespace plimsoll::experts {
namespace {

common::Verdict judge(const ExpertInstance& instance, const ExpertPlan& plan) {
  const Evaluation evaluation = evaluate(instance, plan);
  return {evaluation.objective, evaluation.violations.empty() ? std::string{} : evaluation.violations.front()};
}

}  // namespace

Context::Context(const Prepared& prepared, const SolveOptions& options, support::Meter& meter)
    : common::Context<ExpertPlan>(
          [&instance = prepared.instance](const ExpertPlan& plan) { return judge(instance, plan); }, options, meter),
      prepared_(prepared),
      bounds_(quick_bounds(prepared)) {
  raise_bound(bounds_.objective, bounds_.method);
}

void Context::tighten_bounds(const std::vector<double>& upper) {
  if (bounds_.tight) return;
  tighten(prepared_, upper, options().threads, meter(), bounds_);
  raise_bound(bounds_.objective, bounds_.method);
}

void Context::prove_layer(std::size_t layer, double score) {
  LayerBound& bound = bounds_.layers[layer];
  if (score <= bound.seconds) return;
  bound = {score, BoundKind::branch};
  const double before = bounds_.objective;
  const std::string method = bounds_.method;
  sum_up(prepared_, bounds_);
  // What joins layers may be the stronger bound still.
  if (bounds_.objective < before) {
    bounds_.objective = before;
    bounds_.method = method;
  }
  raise_bound(bounds_.objective, bounds_.method);
}

void Context::prove_layers(double score) {
  const double objective = support::rounded_down(score + prepared_.instance.cost.other_seconds * prepared_.layers);
  if (objective <= bounds_.objective) return;
  bounds_.objective = objective;
  bounds_.method = name_of(BoundKind::branch);
  raise_bound(bounds_.objective, bounds_.method);
}

}  // namespace plimsoll::experts
