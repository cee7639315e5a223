#include "planner/compare/plots.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>
#include <utility>

#include "planner/compare/statistics.hpp"
#include "planner/compare/words.hpp"

namespace plimsoll::compare {
namespace {

using support::Axis;
using support::Chart;
using support::Series;
using support::Unit;

template <class Action>
void for_each_run_of(const Comparison& comparison, std::size_t method, const Action& action) {
  for (std::size_t instance = 0; instance < comparison.instances.size(); ++instance) {
    for (std::size_t seed = 0; seed < comparison.seeds.size(); ++seed) {
      action(comparison.run(instance, method, seed), instance);
    }
  }
}

bool draws(const Run& run) { return run.status != RunStatus::refused && run.status != RunStatus::failed; }

// From the first change of any curve (at least 0.1 ms) to the last, or to the time limit.
Axis time_axis(const Comparison& comparison, const std::vector<Series>& series) {
  double first = 1e300;
  double last = comparison.limits.time_limit_seconds.value_or(0);
  for (const Series& one : series) {
    for (const auto& [seconds, value] : one.points) {
      if (seconds > 0) first = std::min(first, seconds);
      last = std::max(last, seconds);
    }
  }
  Axis axis{"seconds, logarithmic", Unit::seconds, true};
  axis.low = std::clamp(first * 0.8, 1e-4, std::max(1e-4, last / 10));
  axis.high = std::max(last, axis.low * 10);
  return axis;
}

// Down to the smallest gap that is drawn, in whole powers of ten; where some are zero they stand a step below.
Axis gap_axis(const std::string& label, const std::vector<Series>& series) {
  double smallest = 0.1;
  for (const Series& one : series) {
    for (const auto& [seconds, gap] : one.points) {
      if (gap >= smallest_drawn_gap) smallest = std::min(smallest, gap);
    }
  }
  Axis axis{label, Unit::percent, true, std::pow(10.0, std::floor(std::log10(smallest) + 1e-9)), 1.0};
  const bool zeros = std::any_of(series.begin(), series.end(), [](const Series& one) {
    return !one.points.empty() && one.points.back().second < smallest_drawn_gap;
  });
  if (zeros) {
    axis.low /= 10;
    axis.at_low = "0";
  }
  return axis;
}

// A curve that ends early goes on to the end of the axis.
void extend(std::vector<Series>& series, double end) {
  for (Series& one : series) {
    if (!one.points.empty() && one.points.back().first < end) one.points.emplace_back(end, one.points.back().second);
  }
}

Figure gaps_over_time(const Report& report) {
  const Comparison& comparison = report.comparison;
  const std::size_t problems = comparison.instances.size() * comparison.seeds.size();
  Figure figure;
  bool partial = false;
  for (std::size_t method = 0; method < comparison.methods.size(); ++method) {
    std::vector<Curve> curves;
    for_each_run_of(comparison, method, [&](const Run& run, std::size_t instance) {
      const auto& target = report.measures.instances[instance].target;
      if (draws(run) && target) curves.push_back(primal_gaps(run, target));
    });
    if (curves.empty()) continue;
    std::string name = comparison.methods[method];
    if (curves.size() < problems) name += " (" + std::to_string(curves.size()) + "/" + std::to_string(problems) + ")";
    partial = partial || curves.size() < problems;
    figure.chart.series.push_back({name, method, true, mean_of_steps(curves)});
  }
  figure.chart.x = time_axis(comparison, figure.chart.series);
  figure.chart.y = gap_axis("mean primal gap", figure.chart.series);
  extend(figure.chart.series, figure.chart.x.high);
  figure.chart.title = "Mean primal gap over time";
  figure.caption = std::string(
                       "Mean primal gap over time. 100 % while there is no plan; lower and further to the left "
                       "is better.") +
                   (partial ? " A fraction behind a name: the method's line is over so many runs, not over all." : "");
  return figure;
}

// `solved`: a value per run, nothing where the method did not solve the problem.
Figure profile(const Report& report, const std::function<std::optional<double>(std::size_t)>& value, double floor) {
  const Comparison& comparison = report.comparison;
  std::vector<std::vector<std::optional<double>>> values(comparison.methods.size());
  for (std::size_t instance = 0; instance < comparison.instances.size(); ++instance) {
    for (std::size_t method = 0; method < comparison.methods.size(); ++method) {
      for (std::size_t seed = 0; seed < comparison.seeds.size(); ++seed) {
        values[method].push_back(value(comparison.index(instance, method, seed)));
      }
    }
  }
  const auto curves = performance_profiles(values, floor);
  Figure figure;
  double largest = 1;
  for (std::size_t method = 0; method < curves.size(); ++method) {
    figure.chart.series.push_back({comparison.methods[method], method, true, curves[method]});
    largest = std::max(largest, curves[method].back().first);
  }
  figure.chart.x = {"ratio to the best method, logarithmic", Unit::number, true, 1.0, std::max(10.0, largest * 1.1)};
  figure.chart.y = {"share of problems", Unit::percent, false, 0.0, 1.02};
  extend(figure.chart.series, figure.chart.x.high);
  return figure;
}

Figure gap_profile(const Report& report) {
  Figure figure = profile(
      report, [&](std::size_t index) { return report.measures.runs[index].gap_to_best_bound; }, profile_gap_floor);
  figure.chart.title = "Performance profile over the gap";
  figure.caption =
      "Performance profile over the gap to the best bound: the share of problems on which a method's gap is at most so "
      "many times that of the best method. Gaps below 0.01 % count as 0.01 %; refusals and missing plans as never.";
  return figure;
}

Figure time_profile(const Report& report) {
  Figure figure = profile(
      report,
      [&](std::size_t index) -> std::optional<double> {
        const Run& run = report.comparison.runs[index];
        return is_proven(run) ? std::optional<double>(run.seconds) : std::nullopt;
      },
      profile_seconds_floor);
  figure.chart.title = "Performance profile over the time to a proof";
  figure.caption =
      "Performance profile over the time to a proof: the share of problems that a method proves within so many times "
      "the time of the fastest one. Times below 1 ms count as 1 ms.";
  return figure;
}

Figure proofs_over_time(const Report& report) {
  const Comparison& comparison = report.comparison;
  Figure figure;
  for (std::size_t method = 0; method < comparison.methods.size(); ++method) {
    std::vector<double> seconds;
    for_each_run_of(comparison, method, [&](const Run& run, std::size_t) {
      if (is_proven(run)) seconds.push_back(run.seconds);
    });
    figure.chart.series.push_back({comparison.methods[method], method, true, counted_until(seconds)});
  }
  figure.chart.x = time_axis(comparison, figure.chart.series);
  for (Series& series : figure.chart.series) series.points.insert(series.points.begin(), {figure.chart.x.low, 0.0});
  extend(figure.chart.series, figure.chart.x.high);
  const double problems = static_cast<double>(comparison.instances.size() * comparison.seeds.size());
  figure.chart.y = {"problems proven", Unit::number, false, 0.0, problems * 1.02};
  figure.chart.title = "Problems proven within a time";
  figure.caption = "Problems (instance and seed) proven optimal or infeasible within a time, of " +
                   std::to_string(comparison.instances.size() * comparison.seeds.size()) +
                   "; higher and further to the left is better.";
  return figure;
}

}  // namespace

std::vector<Figure> figures(const Report& report) {
  std::vector<Figure> list{gaps_over_time(report), gap_profile(report)};
  const auto& runs = report.comparison.runs;
  if (std::any_of(runs.begin(), runs.end(), is_proven)) {
    list.push_back(proofs_over_time(report));
    list.push_back(time_profile(report));
  }
  return list;
}

Figure instance_figure(const Report& report, std::size_t instance) {
  const Comparison& comparison = report.comparison;
  const auto& target = report.measures.instances[instance].target;
  Figure figure;
  for (std::size_t method = 0; method < comparison.methods.size(); ++method) {
    const Run& run = comparison.run(instance, method, 0);
    if (draws(run) && target) {
      figure.chart.series.push_back({comparison.methods[method], method, true, primal_gaps(run, target)});
    }
  }
  figure.chart.x = time_axis(comparison, figure.chart.series);
  figure.chart.y = gap_axis("primal gap", figure.chart.series);
  extend(figure.chart.series, figure.chart.x.high);
  figure.chart.title = "Primal gap over time on " + comparison.instances[instance].name;
  figure.caption = "Primal gap to " + objective_text(target) + " over time" +
                   (comparison.seeds.size() > 1 ? ", seed " + std::to_string(comparison.seeds.front()) : "") + ".";
  return figure;
}

}  // namespace plimsoll::compare
