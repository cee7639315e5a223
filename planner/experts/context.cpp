#include "planner/experts/context.hpp"

#include "planner/experts/evaluate.hpp"

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

}  // namespace plimsoll::experts
