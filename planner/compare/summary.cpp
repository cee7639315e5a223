#include "planner/compare/summary.hpp"

#include <algorithm>
#include <numeric>

#include "planner/compare/statistics.hpp"

namespace plimsoll::compare {
namespace {

bool refuted(const Run& run) {
  return (run.status == RunStatus::optimal || run.status == RunStatus::feasible) && !run.verified;
}

class Collector {
 public:
  void add(const Run& run, const RunMeasures& measures, bool alone) {
    ++summary_.runs;
    if (run.status == RunStatus::refused) {
      ++summary_.refused;
      return;
    }
    if (run.status == RunStatus::failed || refuted(run)) ++summary_.failed;
    if (run.status == RunStatus::unknown) ++summary_.without;
    if (has_plan(run)) ++summary_.plans;
    if (is_proven(run)) ++summary_.proven;
    if (measures.wins) ++summary_.wins;
    if (measures.wins && alone) ++summary_.wins_alone;
    seconds_.push_back(run.seconds);
    const auto keep = [](std::vector<double>& list, const std::optional<double>& value) {
      if (value) list.push_back(*value);
    };
    keep(gaps_, measures.gap);
    keep(gaps_to_bound_, measures.gap_to_best_bound);
    keep(gaps_to_reference_, measures.gap_to_reference);
    keep(integrals_, measures.primal_integral);
  }

  MethodSummary finish() {
    summary_.mean_gap = mean(gaps_);
    if (!gaps_.empty()) summary_.largest_gap = *std::max_element(gaps_.begin(), gaps_.end());
    summary_.mean_gap_to_best_bound = mean(gaps_to_bound_);
    summary_.mean_gap_to_reference = mean(gaps_to_reference_);
    summary_.mean_seconds = mean(seconds_);
    summary_.geometric_mean_seconds = shifted_geometric_mean(seconds_, time_shift_seconds);
    summary_.mean_primal_integral = mean(integrals_);
    return summary_;
  }

 private:
  MethodSummary summary_;
  std::vector<double> gaps_;
  std::vector<double> gaps_to_bound_;
  std::vector<double> gaps_to_reference_;
  std::vector<double> seconds_;
  std::vector<double> integrals_;
};

bool any_refused(const Comparison& comparison, std::size_t instance, std::size_t method) {
  for (std::size_t seed = 0; seed < comparison.seeds.size(); ++seed) {
    if (!took_part(comparison.run(instance, method, seed))) return true;
  }
  return false;
}

bool any_failed(const Comparison& comparison, std::size_t instance, std::size_t method) {
  for (std::size_t seed = 0; seed < comparison.seeds.size(); ++seed) {
    const Run& run = comparison.run(instance, method, seed);
    if (run.status == RunStatus::failed || refuted(run)) return true;
  }
  return false;
}

// Nothing where a plan is missing for any seed.
std::optional<double> mean_objective(const Comparison& comparison, std::size_t instance, std::size_t method) {
  const Spread found = spread(comparison, instance, method);
  return found.plans == comparison.seeds.size() ? found.mean : std::nullopt;
}

void compare_pair(Duel& duel, const std::optional<double>& own, const std::optional<double>& other) {
  if (own && (!other || exceeds(*other, *own))) {
    ++duel.better;
  } else if (other && (!own || exceeds(*own, *other))) {
    ++duel.worse;
  } else {
    ++duel.equal;
  }
}

}  // namespace

std::vector<std::size_t> all_instances(const Comparison& comparison) {
  std::vector<std::size_t> all(comparison.instances.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  return all;
}

std::vector<std::size_t> common_instances(const Comparison& comparison) {
  std::vector<std::size_t> common;
  for (std::size_t instance = 0; instance < comparison.instances.size(); ++instance) {
    bool refused = false;
    for (std::size_t method = 0; method < comparison.methods.size(); ++method) {
      refused = refused || any_refused(comparison, instance, method);
    }
    if (!refused) common.push_back(instance);
  }
  return common;
}

std::vector<MethodSummary> summarise(const Comparison& comparison, const Measures& measures,
                                     const std::vector<std::size_t>& instances) {
  std::vector<Collector> collectors(comparison.methods.size());
  for (const std::size_t instance : instances) {
    for (std::size_t seed = 0; seed < comparison.seeds.size(); ++seed) {
      std::size_t winners = 0;
      for (std::size_t method = 0; method < comparison.methods.size(); ++method) {
        winners += measures.runs[comparison.index(instance, method, seed)].wins ? 1 : 0;
      }
      for (std::size_t method = 0; method < comparison.methods.size(); ++method) {
        const std::size_t index = comparison.index(instance, method, seed);
        collectors[method].add(comparison.runs[index], measures.runs[index], winners == 1);
      }
    }
  }
  std::vector<MethodSummary> summaries;
  for (Collector& collector : collectors) summaries.push_back(collector.finish());
  return summaries;
}

std::vector<std::vector<Duel>> duel(const Comparison& comparison) {
  const std::size_t methods = comparison.methods.size();
  std::vector<std::vector<Duel>> duels(methods, std::vector<Duel>(methods));
  for (std::size_t instance = 0; instance < comparison.instances.size(); ++instance) {
    std::vector<std::optional<double>> objectives;
    std::vector<bool> counts;
    for (std::size_t method = 0; method < methods; ++method) {
      objectives.push_back(mean_objective(comparison, instance, method));
      counts.push_back(!any_refused(comparison, instance, method) && !any_failed(comparison, instance, method));
    }
    for (std::size_t row = 0; row < methods; ++row) {
      for (std::size_t column = 0; column < methods; ++column) {
        if (row == column || !counts[row] || !counts[column]) continue;
        compare_pair(duels[row][column], objectives[row], objectives[column]);
      }
    }
  }
  for (auto& row : duels) {
    for (Duel& one : row) one.chance = sign_test(one.better, one.worse);
  }
  return duels;
}

Spread spread(const Comparison& comparison, std::size_t instance, std::size_t method) {
  Spread found;
  std::vector<double> objectives;
  for (std::size_t seed = 0; seed < comparison.seeds.size(); ++seed) {
    const Run& run = comparison.run(instance, method, seed);
    if (has_plan(run)) objectives.push_back(*run.objective);
  }
  found.plans = objectives.size();
  found.mean = mean(objectives);
  if (objectives.empty()) return found;
  found.least = *std::min_element(objectives.begin(), objectives.end());
  found.largest = *std::max_element(objectives.begin(), objectives.end());
  // The mean of equal numbers is that number, whatever their sum was rounded to.
  if (found.least == found.largest) found.mean = found.least;
  return found;
}

}  // namespace plimsoll::compare
