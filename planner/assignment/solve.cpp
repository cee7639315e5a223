// The public calls for `assignment` (include/plimsoll/solve.hpp): prepare, drive one method, certify; and the check.
#include "planner/assignment/solve.hpp"

#include <limits>

#include "planner/assignment/evaluate.hpp"
#include "planner/assignment/method.hpp"
#include "planner/common/driver.hpp"
#include "planner/common/valid.hpp"

namespace plimsoll::assignment {
namespace {

constexpr std::uint64_t unlimited = std::numeric_limits<std::uint64_t>::max();

// About ten seconds: the kernel is hard, and small instances are proven long before.
constexpr std::uint64_t default_work = 1'000'000'000;

std::uint64_t work_limit(const SolveOptions& options) {
  if (options.work_limit) return *options.work_limit;
  return options.time_limit_seconds ? unlimited : default_work;
}

}  // namespace

AssignmentSolution solve(const AssignmentInstance& instance, const SolveOptions& options,
                         support::Meter::Clock::time_point start) {
  const Method& method = find_method(options.method);
  const Prepared prepared(instance);
  support::Meter meter(work_limit(options), options.time_limit_seconds, options.stop, start);
  Context context(prepared, options, meter);
  AssignmentSolution solution;
  solution.certificate = common::drive(context, prepared.impossible,
                                       [&](common::Context<AssignmentPlan>&) { method.run(prepared, context); });
  if (context.best()) {
    solution.plan = *context.best();
    solution.metrics = evaluate(instance, solution.plan).metrics;
    solution.proof = context.proof();
  }
  solution.seconds = meter.seconds();
  return solution;
}

}  // namespace plimsoll::assignment

namespace plimsoll {

AssignmentSolution solve(const AssignmentInstance& instance, const SolveOptions& options) {
  const auto start = support::Meter::Clock::now();
  return assignment::solve(common::valid(instance), options, start);
}

std::vector<std::string> check(const AssignmentInstance& instance, const AssignmentPlan& plan,
                               const Certificate* certificate, const AssignmentProof& proof) {
  const assignment::Evaluation evaluation = assignment::evaluate(instance, plan);
  std::vector<std::string> found = evaluation.violations;
  if (certificate == nullptr) return found;
  std::optional<double> objective;
  if (found.empty()) objective = evaluation.objective;
  std::optional<double> bound;
  if (found.empty() && certificate->bound && certificate->bound_evidence == BoundEvidence::recomputed) {
    bound = assignment::recompute_bound(instance, plan, *certificate, proof);
  }
  for (auto& sentence : common::contradictions(*certificate, objective, bound)) found.push_back(std::move(sentence));
  return found;
}

}  // namespace plimsoll
