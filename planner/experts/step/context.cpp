#include "planner/experts/step/context.hpp"

#include "planner/experts/step/bound.hpp"
#include "planner/experts/step/evaluate.hpp"

namespace plimsoll::experts::step {
namespace {

common::Verdict judge(const StepInstance& instance, const StepPlan& plan) {
  const Evaluation evaluation = evaluate(instance, plan);
  return {evaluation.objective, evaluation.violations.empty() ? std::string{} : evaluation.violations.front()};
}

}  // namespace

Context::Context(const Prepared& prepared, const SolveOptions& options, support::Meter& meter)
    : common::Context<StepPlan>([&instance = prepared.instance](const StepPlan& plan) { return judge(instance, plan); },
                                options, meter) {
  const Bounds bounds = quick_bounds(prepared);
  raise_bound(bounds.objective, bounds.method);
}

}  // namespace plimsoll::experts::step
