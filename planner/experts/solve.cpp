// The public calls for `experts` (include/plimsoll/solve.hpp): prepare, drive one method, certify; and the check.
#include "plimsoll/solve.hpp"

#include <limits>

#include "planner/common/driver.hpp"
#include "planner/experts/context.hpp"
#include "planner/experts/evaluate.hpp"
#include "planner/experts/exact/prove.hpp"
#include "planner/experts/method.hpp"
#include "planner/experts/solve.hpp"
#include "planner/experts/valid.hpp"

namespace plimsoll::experts {
namespace {

constexpr std::uint64_t unlimited = std::numeric_limits<std::uint64_t>::max();

// About a second of search for the largest published models, milliseconds for small ones.
std::uint64_t default_work(const Prepared& prepared) {
  const auto slots = static_cast<std::uint64_t>(prepared.layers) * static_cast<std::uint64_t>(prepared.total_slots());
  return std::max<std::uint64_t>(100'000'000, 10'000 * slots);
}

std::uint64_t work_limit(const Prepared& prepared, const SolveOptions& options) {
  if (options.work_limit) return *options.work_limit;
  return options.time_limit_seconds ? unlimited : default_work(prepared);
}

}  // namespace

ExpertSolution solve(const ExpertInstance& instance, const SolveOptions& options,
                     support::Meter::Clock::time_point start) {
  const Method& method = find_method(options.method);
  const Prepared prepared(instance);
  support::Meter meter(work_limit(prepared, options), options.time_limit_seconds, options.stop, start);
  Context context(prepared, options, meter);
  ExpertSolution solution;
  solution.certificate = common::drive(context, prepared.impossible, [&](common::Context<ExpertPlan>&) {
    method.run(prepared, context);
    if (context.objective() && !context.closed()) {
      const auto seconds = evaluate(instance, *context.best()).layer_seconds;
      std::vector<double> upper;
      for (const double layer : seconds) upper.push_back(layer - instance.cost.other_seconds);
      context.tighten_bounds(upper);
    }
  });
  if (context.best()) {
    solution.plan = *context.best();
    solution.metrics = evaluate(instance, solution.plan).metrics;
  }
  solution.seconds = meter.seconds();
  return solution;
}

namespace {

bool proven_by_search(const Certificate& certificate) {
  return certificate.bound_method.find(name_of(BoundKind::branch)) != std::string::npos;
}

Bounds recompute_bounds(const Prepared& prepared) {
  support::Meter meter(unlimited, std::nullopt, nullptr);
  Bounds bounds = quick_bounds(prepared);
  tighten(prepared, {}, 1, meter, bounds);
  return bounds;
}

}  // namespace

double recompute_bound(const ExpertInstance& instance) { return recompute_bounds(Prepared(instance)).objective; }

double recompute_bound(const ExpertInstance& instance, const ExpertPlan& plan, const Certificate& certificate) {
  const Prepared prepared(instance);
  const Bounds bounds = recompute_bounds(prepared);
  const double claimed = certificate.bound.value_or(0.0);
  if (!proven_by_search(certificate) || claimed <= bounds.objective) return bounds.objective;
  return prove_claim(prepared, bounds, plan, claimed, std::max<std::uint64_t>(2 * certificate.work, 1'000'000));
}

}  // namespace plimsoll::experts

namespace plimsoll {

ExpertSolution solve(const ExpertInstance& instance, const SolveOptions& options) {
  const auto start = support::Meter::Clock::now();
  return experts::solve(experts::valid(instance), options, start);
}

std::vector<std::string> check(const ExpertInstance& instance, const ExpertPlan& plan, const Certificate* certificate) {
  const experts::Evaluation evaluation = experts::evaluate(instance, plan);
  std::vector<std::string> found = evaluation.violations;
  if (certificate == nullptr) return found;
  std::optional<double> objective;
  if (found.empty()) objective = evaluation.objective;
  std::optional<double> bound;
  if (certificate->bound && certificate->bound_evidence == BoundEvidence::recomputed) {
    // The search starts from the plan, so that there must be one.
    if (found.empty()) {
      bound = experts::recompute_bound(instance, plan, *certificate);
    } else if (!experts::proven_by_search(*certificate)) {
      bound = experts::recompute_bound(instance);
    }
  }
  for (auto& sentence : common::contradictions(*certificate, objective, bound)) found.push_back(std::move(sentence));
  return found;
}

std::string version() { return PLIMSOLL_VERSION; }

}  // namespace plimsoll
