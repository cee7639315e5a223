#include "planner/experts/formulation/program.hpp"

#include <algorithm>
#include <limits>

#include "planner/common/certify.hpp"
#include "planner/experts/bound.hpp"
#include "planner/experts/evaluate.hpp"
#include "planner/experts/formulation/formulation.hpp"
#include "planner/experts/json.hpp"
#include "support/meter.hpp"

namespace plimsoll::experts {
namespace {

// A layer takes what the cutoff leaves when all others take the least they can.
Scope scope_of(const Prepared& prepared, std::optional<double> cutoff) {
  Scope scope = Scope::whole(prepared);
  if (!cutoff) return scope;
  const Bounds bounds = quick_bounds(prepared);
  for (std::size_t layer = 0; layer < bounds.layers.size(); ++layer) {
    const double others = bounds.objective - bounds.layers[layer].seconds;
    scope.upper[layer] = std::max(bounds.layers[layer].seconds, (*cutoff - others) * (1 + 1e-9));
  }
  return scope;
}

class Program : public common::IntegerProgram {
 public:
  Program(const ExpertInstance& instance, std::optional<double> cutoff)
      : prepared_(instance), formulation_(prepared_, scope_of(prepared_, cutoff)) {}

  [[nodiscard]] const solvers::mip::Model& model() const override { return formulation_.model(); }

  [[nodiscard]] common::ReadBack read_back(std::span<const double> point, const std::string& method) const override {
    const ExpertPlan plan = formulation_.decode(point);
    const Evaluation evaluation = evaluate(prepared_.instance, plan);
    common::ReadBack back;
    back.violations = evaluation.violations;
    if (!back.violations.empty()) return back;
    common::Outcome outcome;
    outcome.objective = evaluation.objective;
    Bounds bounds = quick_bounds(prepared_);
    support::Meter unlimited(std::numeric_limits<std::uint64_t>::max(), std::nullopt, nullptr);
    tighten(prepared_, {}, 1, unlimited, bounds);
    outcome.bound = bounds.objective;
    outcome.bound_method = bounds.method;
    outcome.method = method;
    back.certificate = common::certify(outcome);
    back.metrics_json = write_metrics(evaluation.metrics);
    back.plan_json = write_plan_object(plan);
    return back;
  }

 private:
  Prepared prepared_;
  Formulation formulation_;
};

}  // namespace

std::unique_ptr<common::IntegerProgram> make_program(const ExpertInstance& instance, std::optional<double> cutoff) {
  return std::make_unique<Program>(instance, cutoff);
}

}  // namespace plimsoll::experts
