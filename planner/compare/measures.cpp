#include "planner/compare/measures.hpp"

#include <algorithm>
#include <cmath>

#include "planner/common/certify.hpp"

namespace plimsoll::compare {
namespace {

// A bound without a plan cannot be checked, one beside a refused plan is not believed.
bool bound_counts(const Run& run) {
  return run.bound && (has_plan(run) || (run.status == RunStatus::unknown && run.violations.empty()));
}

InstanceMeasures measure_instance(const Comparison& comparison, std::size_t instance) {
  InstanceMeasures found;
  double longest = 0;
  const auto for_each_run = [&](const auto& action) {
    for (std::size_t method = 0; method < comparison.methods.size(); ++method) {
      for (std::size_t seed = 0; seed < comparison.seeds.size(); ++seed) action(comparison.run(instance, method, seed));
    }
  };
  for_each_run([&](const Run& run) {
    if (took_part(run)) longest = std::max(longest, run.seconds);
    if (has_plan(run)) found.best_objective = std::min(found.best_objective.value_or(*run.objective), *run.objective);
  });
  for_each_run([&](const Run& run) {
    const bool refuted = run.bound && found.best_objective && exceeds(*run.bound, *found.best_objective);
    if (bound_counts(run) && !refuted) found.best_bound = std::max(found.best_bound.value_or(*run.bound), *run.bound);
  });
  found.target = found.best_objective;
  const auto& reference = comparison.instances[instance].reference;
  if (reference && reference->value) {
    found.target = std::min(found.target.value_or(*reference->value), *reference->value);
  }
  found.horizon = comparison.limits.time_limit_seconds.value_or(longest);
  return found;
}

// A gap to almost nothing can be beyond all numbers; this is enough to be the largest of any table.
double limited(double ratio) { return std::clamp(ratio, -1e300, 1e300); }

// What the certificate's tolerance calls optimal has no gap.
double gap_between(double objective, double bound) {
  return exceeds(objective, bound) ? limited(common::gap_of(objective, bound)) : 0.0;
}

std::optional<double> seconds_to_best(const Run& run) {
  if (!has_plan(run)) return std::nullopt;
  for (const TracePoint& point : run.trace) {
    if (point.objective && *point.objective <= *run.objective) return point.seconds;
  }
  return run.seconds;
}

RunMeasures measure_run(const Run& run, const InstanceMeasures& instance, const std::optional<Reference>& reference) {
  RunMeasures found;
  if (has_plan(run)) {
    if (run.bound) found.gap = gap_between(*run.objective, *run.bound);
    if (instance.best_bound) found.gap_to_best_bound = gap_between(*run.objective, *instance.best_bound);
    if (reference && reference->value) {
      found.gap_to_reference =
          limited((*run.objective - *reference->value) / std::max(std::abs(*reference->value), 1e-12));
    }
    found.seconds_to_best = seconds_to_best(run);
  }
  const bool searched = run.status != RunStatus::refused && run.status != RunStatus::failed;
  if (searched && instance.target) {
    found.primal_integral = primal_integral(primal_gaps(run, instance.target), instance.horizon);
  }
  return found;
}

void mark_winners(const Comparison& comparison, Measures& measures) {
  for (std::size_t instance = 0; instance < comparison.instances.size(); ++instance) {
    for (std::size_t seed = 0; seed < comparison.seeds.size(); ++seed) {
      std::optional<double> best;
      for (std::size_t method = 0; method < comparison.methods.size(); ++method) {
        const Run& run = comparison.run(instance, method, seed);
        if (has_plan(run)) best = std::min(best.value_or(*run.objective), *run.objective);
      }
      for (std::size_t method = 0; method < comparison.methods.size(); ++method) {
        const Run& run = comparison.run(instance, method, seed);
        const bool wins = best && has_plan(run) && !exceeds(*run.objective, *best);
        measures.runs[comparison.index(instance, method, seed)].wins = wins;
      }
    }
  }
}

}  // namespace

bool exceeds(double a, double b) { return !common::is_optimal(a, b); }

double primal_gap(double objective, double target) {
  if (objective == target) return 0;
  if (objective * target < 0) return 1;
  return std::abs(target - objective) / std::max(std::abs(target), std::abs(objective));
}

std::vector<std::pair<double, double>> primal_gaps(const Run& run, std::optional<double> target) {
  std::vector<std::pair<double, double>> gaps{{0.0, 1.0}};
  if (!has_plan(run) || !target) return gaps;
  const auto add = [&](double seconds, double objective) {
    const double gap = primal_gap(objective, *target);
    if (gap < gaps.back().second) gaps.emplace_back(std::max(seconds, gaps.back().first), gap);
  };
  for (const TracePoint& point : run.trace) {
    if (point.objective) add(point.seconds, *point.objective);
  }
  add(run.seconds, *run.objective);
  return gaps;
}

double primal_integral(const std::vector<std::pair<double, double>>& gaps, double horizon) {
  double sum = 0;
  for (std::size_t k = 0; k < gaps.size(); ++k) {
    const double from = std::min(gaps[k].first, horizon);
    const double to = k + 1 < gaps.size() ? std::min(gaps[k + 1].first, horizon) : horizon;
    sum += gaps[k].second * std::max(0.0, to - from);
  }
  return sum;
}

Measures measure(const Comparison& comparison) {
  Measures measures;
  measures.runs.resize(comparison.runs.size());
  for (std::size_t instance = 0; instance < comparison.instances.size(); ++instance) {
    measures.instances.push_back(measure_instance(comparison, instance));
    for (std::size_t method = 0; method < comparison.methods.size(); ++method) {
      for (std::size_t seed = 0; seed < comparison.seeds.size(); ++seed) {
        const std::size_t index = comparison.index(instance, method, seed);
        measures.runs[index] =
            measure_run(comparison.runs[index], measures.instances[instance], comparison.instances[instance].reference);
      }
    }
  }
  mark_winners(comparison, measures);
  return measures;
}

}  // namespace plimsoll::compare
