#include "planner/compare/findings.hpp"

#include <algorithm>
#include <cstdio>
#include <functional>
#include <numeric>
#include <set>

#include "planner/compare/words.hpp"

namespace plimsoll::compare {
namespace {

using Summaries = std::vector<MethodSummary>;

// Methods in the order of a number, the first named first among equals; those without a number are left out.
std::vector<std::size_t> ranked(const Summaries& summary,
                                const std::function<std::optional<double>(const MethodSummary&)>& value,
                                bool smallest) {
  std::vector<std::size_t> order;
  for (std::size_t method = 0; method < summary.size(); ++method) {
    if (value(summary[method])) order.push_back(method);
  }
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    const double x = *value(summary[a]);
    const double y = *value(summary[b]);
    return smallest ? x < y : x > y;
  });
  return order;
}

// "a 12, b 11, c 7", at most three and those that share the last place.
std::string listed(const Report& report, const std::vector<std::size_t>& order,
                   const std::function<std::string(std::size_t)>& text) {
  std::string list;
  for (std::size_t k = 0; k < order.size() && k < 3; ++k) {
    list += (k == 0 ? "" : ", ") + report.comparison.methods[order[k]] + " " + text(order[k]);
  }
  return list;
}

// Nothing for zero, so that nobody is listed who has none.
std::optional<double> some(std::size_t count) {
  return count == 0 ? std::nullopt : std::optional<double>(static_cast<double>(count));
}

std::string best_plans(const Report& report, const std::vector<std::size_t>& order) {
  const std::size_t problems = report.comparison.instances.size() * report.comparison.seeds.size();
  if (order.empty()) return "No method has a confirmed plan.";
  const bool all_win_all = order.size() == report.summary.size() && report.summary[order.back()].wins == problems;
  if (all_win_all && order.size() > 1) return "All methods have equally good plans everywhere.";
  return "Best plan (ties count): " +
         listed(report, order,
                [&](std::size_t method) {
                  const MethodSummary& one = report.summary[method];
                  return std::to_string(one.wins) +
                         (one.wins_alone > 0 ? " (" + std::to_string(one.wins_alone) + " alone)" : "");
                }) +
         ", of " + counted(problems, report.comparison.seeds.size() > 1 ? "run" : "instance") + ".";
}

std::string proofs(const Report& report) {
  const auto order = ranked(
      report.summary, [](const MethodSummary& s) { return some(s.proven); }, false);
  const std::size_t problems = report.comparison.instances.size() * report.comparison.seeds.size();
  if (order.empty()) return "Nothing was proven optimal.";
  const bool all = order.size() == report.summary.size() && report.summary[order.back()].proven == problems;
  if (all) return "Every run was proven optimal or infeasible: the methods differ in time alone.";
  return "Proven: " +
         listed(report, order, [&](std::size_t method) { return std::to_string(report.summary[method].proven); }) +
         ", of " + std::to_string(problems) + ".";
}

std::string smallest_gaps(const Report& report) {
  const bool narrow = report.has_narrower_view();
  if (report.summary.size() == 1 || report.summary.empty()) return {};
  if (report.common.empty())
    return "Each instance was refused by some method: no means of all of them speak of the same instances.";
  const Summaries& summary = narrow ? report.summary_of_common : report.summary;
  const auto gap = [](const MethodSummary& s) { return s.mean_gap_to_best_bound; };
  const auto order = ranked(summary, gap, true);
  if (order.empty()) return {};
  return "Mean gap to the best bound" +
         (narrow ? " on the " + counted(report.common.size(), "instance") + " that no method refused" : std::string()) +
         ": " + listed(report, order, [&](std::size_t method) { return percent_text(gap(summary[method])) + " %"; }) +
         ".";
}

std::string fastest(const Report& report) {
  if (report.common.empty() || report.summary.size() == 1) return {};
  const bool narrow = report.has_narrower_view();
  const Summaries& summary = narrow ? report.summary_of_common : report.summary;
  const auto time = [](const MethodSummary& s) { return s.geometric_mean_seconds; };
  const auto order = ranked(summary, time, true);
  return "Time, shifted geometric mean, whatever came of it: " +
         listed(report, order, [&](std::size_t method) { return seconds_text(time(summary[method])) + " s"; }) + ".";
}

std::string first_against_second(const Report& report, const std::vector<std::size_t>& order) {
  if (order.size() < 2) return {};
  const Duel& one = report.duels[order[0]][order[1]];
  if (one.better + one.worse == 0) return {};
  char chance[32];
  std::snprintf(chance, sizeof chance, "%.2g", one.chance);
  return report.comparison.methods[order[0]] + " against " + report.comparison.methods[order[1]] + ": better on " +
         std::to_string(one.better) + ", equal on " + std::to_string(one.equal) + ", worse on " +
         std::to_string(one.worse) + " instances (sign test: p = " + chance +
         (one.chance < 0.05 ? ")." : ", so this may be chance).");
}

std::string refusals(const Report& report) {
  std::string list;
  for (std::size_t method = 0; method < report.summary.size(); ++method) {
    const MethodSummary& one = report.summary[method];
    if (one.refused == 0) continue;
    list += (list.empty() ? "" : ", ") + report.comparison.methods[method] + " " + part_of(one.refused, one.runs);
  }
  return list.empty() ? "" : "Refused, because the method does not support the instance: " + list + ".";
}

// Single-threaded runs that waited for the processor: something else was running.
std::size_t disturbed_runs(const Comparison& comparison) {
  if (comparison.limits.threads != 1) return 0;
  return static_cast<std::size_t>(std::count_if(comparison.runs.begin(), comparison.runs.end(), [](const Run& run) {
    return took_part(run) && run.seconds > 1.25 * run.cpu_seconds + 0.2;
  }));
}

}  // namespace

std::vector<std::string> findings(const Report& report) {
  std::vector<std::string> found;
  const auto add = [&](std::string sentence) {
    if (!sentence.empty()) found.push_back(std::move(sentence));
  };
  const auto order = ranked(
      report.summary, [](const MethodSummary& s) { return some(s.wins); }, false);
  add(best_plans(report, order));
  add(first_against_second(report, order));
  add(proofs(report));
  add(smallest_gaps(report));
  add(fastest(report));
  add(refusals(report));
  return found;
}

std::vector<std::string> reservations(const Report& report) {
  const Comparison& comparison = report.comparison;
  std::vector<std::string> found;
  if (most_jobs(comparison) > 1) {
    found.push_back("Up to " + std::to_string(most_jobs(comparison)) +
                    " runs stood beside each other and disturbed each other's times; --jobs 1 measures cleanly.");
  }
  if (machines(comparison).size() > 1) {
    found.push_back("The runs come from " + std::to_string(machines(comparison).size()) +
                    " machines: their times cannot be compared.");
  }
  if (const std::size_t count = disturbed_runs(comparison); count > 0) {
    found.push_back(counted(count, "run") +
                    " waited for the processor for more than a fifth of the time: "
                    "something else was running on the machine.");
  }
  if (comparison.limits.time_limit_seconds) {
    found.push_back("What a time limit stopped depends on the machine; with --work-limit instead the plans repeat.");
  }
  if (comparison.seeds.size() == 1) {
    found.push_back("One seed: for methods that draw random numbers, small differences may be chance.");
  }
  const auto unmatched = static_cast<std::size_t>(std::count_if(
      comparison.instances.begin(), comparison.instances.end(), [](const Instance& i) { return !i.reference; }));
  if (!comparison.references.empty() && unmatched > 0) {
    found.push_back(comparison.references + " says nothing about " + part_of(unmatched, comparison.instances.size()) +
                    " instances.");
  }
  std::size_t trusted = 0;
  for (const Run& run : comparison.runs) trusted += has_plan(run) && run.bound_evidence == "backend" ? 1 : 0;
  if (trusted > 0) {
    found.push_back("The bounds of " + counted(trusted, "run") +
                    " are a backend's word; all others were derived again by the checker.");
  }
  return found;
}

}  // namespace plimsoll::compare
