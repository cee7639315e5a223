#include "planner/assignment/context.hpp"

#include <limits>

#include "planner/assignment/evaluate.hpp"

namespace plimsoll::assignment {

Context::Context(const Prepared& prepared, const SolveOptions& options, support::Meter& meter)
    : common::Context<AssignmentPlan>(
          [&prepared](const AssignmentPlan& plan) {
            const Evaluation evaluation = evaluate(prepared.instance, plan);
            return common::Verdict{evaluation.objective,
                                   evaluation.violations.empty() ? "" : evaluation.violations.front()};
          },
          options, meter),
      prepared_(prepared) {
  if (prepared.impossible.empty()) raise(quick_bound(prepared));
}

std::vector<int> Context::best_bins() const { return best() ? prepared_.reduce(*best()) : std::vector<int>{}; }

void Context::raise(const Bound& bound_found) {
  const double value = prepared_.round_up(bound_found.value);
  if (bound() && value <= *bound()) return;
  proof_ = bound_found.proof;
  raise_bound(value, name_of(bound_found.kind));
}

void Context::raise_by_backend(double value, const std::string& method) {
  value = prepared_.round_up(value);
  if (bound() && value <= *bound()) return;
  proof_ = {};
  raise_bound(value, method, BoundEvidence::backend);
}

double Context::cutoff() const {
  if (!objective()) return std::numeric_limits<double>::infinity();
  return *objective() - prepared_.step;
}

}  // namespace plimsoll::assignment
