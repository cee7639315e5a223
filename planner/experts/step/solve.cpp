// The public calls for steps (include/plimsoll/solve.hpp): prepare, drive one method, certify; and the check.
#include "planner/experts/step/solve.hpp"

#include <algorithm>
#include <limits>

#include "planner/common/driver.hpp"
#include "planner/common/plan_file.hpp"
#include "planner/common/valid.hpp"
#include "planner/experts/step/bound.hpp"
#include "planner/experts/step/context.hpp"
#include "planner/experts/step/json.hpp"
#include "planner/experts/step/method.hpp"

namespace plimsoll::experts::step {
namespace {

constexpr std::uint64_t unlimited = std::numeric_limits<std::uint64_t>::max();

// About a second for 48 layers, 16 micro-steps and 64 devices of 4 slots; a fraction of that where it is small.
std::uint64_t default_work(const Prepared& prepared) {
  const auto cells = static_cast<std::uint64_t>(prepared.microsteps) * static_cast<std::uint64_t>(prepared.layers) *
                     static_cast<std::uint64_t>(prepared.total_columns());
  return std::max<std::uint64_t>(8'000'000, 400 * cells);
}

std::uint64_t work_limit(const Prepared& prepared, const SolveOptions& options) {
  if (options.work_limit) return *options.work_limit;
  return options.time_limit_seconds ? unlimited : default_work(prepared);
}

double recompute_bound(const StepInstance& instance) {
  const Prepared prepared(instance);
  support::Meter meter(unlimited, std::nullopt, nullptr);
  Bounds bounds = quick_bounds(prepared);
  tighten(prepared, {}, 1, meter, bounds);
  return bounds.objective;
}

}  // namespace

Matrix<double> largest_seconds(const Evaluation& evaluation) {
  const std::size_t layers = evaluation.device_seconds.empty() ? 0 : evaluation.device_seconds.front().rows();
  Matrix<double> largest(evaluation.device_seconds.size(), layers);
  for (std::size_t microstep = 0; microstep < largest.rows(); ++microstep) {
    for (std::size_t layer = 0; layer < layers; ++layer) {
      const auto seconds = evaluation.device_seconds[microstep].row(layer);
      largest.at(microstep, layer) = seconds.empty() ? 0.0 : *std::max_element(seconds.begin(), seconds.end());
    }
  }
  return largest;
}

StepSolution solve(const StepInstance& instance, const SolveOptions& options, support::Meter::Clock::time_point start) {
  const Method& method = find_method(options.method);
  const Prepared prepared(instance);
  support::Meter meter(work_limit(prepared, options), options.time_limit_seconds, options.stop, start);
  Context context(prepared, options, meter);
  StepSolution solution;
  solution.certificate = common::drive(context, prepared.impossible, [&](common::Context<StepPlan>&) {
    method.run(prepared, context);
    if (!context.objective() || context.closed()) return;
    Bounds bounds = quick_bounds(prepared);
    tighten(prepared, largest_seconds(evaluate(instance, *context.best())), options.threads, meter, bounds);
    context.raise_bound(bounds.objective, bounds.method);
  });
  if (context.best()) {
    solution.plan = *context.best();
    solution.metrics = evaluate(instance, solution.plan).metrics;
  }
  solution.seconds = meter.seconds();
  return solution;
}

}  // namespace plimsoll::experts::step

namespace plimsoll {

StepSolution solve(const StepInstance& instance, const SolveOptions& options) {
  const auto start = support::Meter::Clock::now();
  return experts::step::solve(common::valid(instance), options, start);
}

std::vector<std::string> check(const StepInstance& instance, const StepPlan& plan, const Certificate* certificate) {
  const experts::step::Evaluation evaluation = experts::step::evaluate(instance, plan);
  std::vector<std::string> found = evaluation.violations;
  if (certificate == nullptr) return found;
  std::optional<double> objective;
  if (found.empty()) objective = evaluation.objective;
  std::optional<double> bound;
  if (certificate->bound && certificate->bound_evidence == BoundEvidence::recomputed) {
    bound = experts::step::recompute_bound(instance);
  }
  for (auto& sentence : common::contradictions(*certificate, objective, bound)) found.push_back(std::move(sentence));
  return found;
}

StepInstance read_step(const std::string& path) { return experts::step::read_instance(common::read_document(path)); }

}  // namespace plimsoll
