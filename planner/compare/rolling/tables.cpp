#include "planner/compare/rolling/tables.hpp"

#include <algorithm>
#include <cstdio>

#include "support/quantity.hpp"

namespace plimsoll::compare {
namespace {

using support::Cell;
using support::Markers;
using support::Series;
using support::Table;
using support::Tone;
using support::Unit;

std::string shown(const char* format, double value) {
  char text[64];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

// The style that the bound has in every chart: the one that takes the page's colour.
constexpr std::size_t bound_style = 6;

// Styles of entries, without that of the bound.
std::size_t style_of(std::size_t entry) { return entry < bound_style ? entry : entry + 1; }

template <class Value>
support::Axis axis_of(const char* label, const std::vector<Series>& series, const Value& value, bool from_zero) {
  double low = 1e300;
  double high = -1e300;
  for (const Series& one : series) {
    for (const auto& point : one.points) {
      low = std::min(low, value(point));
      high = std::max(high, value(point));
    }
  }
  const double room = 0.06 * (high - low);
  return {label, Unit::number, false, from_zero ? 0.0 : low - room, high + room};
}

double x_value(const std::pair<double, double>& point) { return point.first; }
double y_value(const std::pair<double, double>& point) { return point.second; }

// The mean of what no placement undercuts, as a line through a chart.
Series bound_line(double value, double from, double to) {
  Series line{"no placement is below", bound_style, false, {{from, value}, {to, value}}};
  line.markers = Markers::none;
  return line;
}

RollingFigure against_moves(const RollingInstance& instance) {
  RollingFigure figure;
  auto& series = figure.chart.series;
  double least = 0;
  for (std::size_t k = 0; k < instance.entries.size(); ++k) {
    const auto summary = summarise(instance, instance.entries[k]);
    if (!summary) continue;
    Series point{name_of(instance.entries[k]), style_of(k), false, {{summary->moves, summary->imbalance}}};
    point.markers = Markers::everywhere;
    series.push_back(std::move(point));
    least = summary->least;
  }
  figure.chart.title = "Imbalance against moves on " + instance.name;
  figure.caption =
      "Mean imbalance on the next micro-step against moves a planning; lower and further to the left is "
      "better.";
  if (series.empty()) return figure;
  figure.chart.x = axis_of("moves a planning", series, x_value, true);
  series.push_back(bound_line(least, 0, figure.chart.x.high));
  figure.chart.y = axis_of("imbalance", series, y_value, false);
  return figure;
}

RollingFigure over_time(const RollingInstance& instance) {
  RollingFigure figure;
  auto& series = figure.chart.series;
  for (std::size_t k = 0; k < instance.entries.size(); ++k) {
    Series line{name_of(instance.entries[k]), style_of(k), false, {}};
    for (const auto& plan : instance.entries[k].run.plans) line.points.emplace_back(plan.microstep, plan.imbalance);
    if (line.points.empty()) continue;
    line.markers = line.points.size() <= 24 ? Markers::everywhere : Markers::sparse;
    series.push_back(std::move(line));
  }
  figure.chart.title = "Imbalance of each micro-step on " + instance.name;
  figure.caption =
      "Imbalance of each micro-step under the plan that was made before it was known. Below: what no "
      "placement can undercut.";
  if (series.empty()) return figure;
  Series least{"no placement is below", bound_style, false, {}};
  for (const auto& [microstep, value] : series.front().points) {
    least.points.emplace_back(microstep, instance.least[static_cast<std::size_t>(microstep)]);
  }
  least.markers = Markers::none;
  series.push_back(std::move(least));
  figure.chart.x = axis_of("micro-step", series, x_value, false);
  figure.chart.y = axis_of("imbalance", series, y_value, false);
  return figure;
}

RollingFigure moves_over_time(const RollingInstance& instance) {
  RollingFigure figure;
  auto& series = figure.chart.series;
  for (std::size_t k = 0; k < instance.entries.size(); ++k) {
    Series line{name_of(instance.entries[k]), style_of(k), true, {}};
    double moves = 0;
    for (const auto& plan : instance.entries[k].run.plans) {
      moves += static_cast<double>(plan.moves);
      line.points.emplace_back(plan.microstep, moves);
    }
    if (!line.points.empty()) series.push_back(std::move(line));
  }
  figure.chart.title = "Moves so far on " + instance.name;
  figure.caption = "Moves so far: replicas that were put where the plan before had none.";
  if (series.empty()) return figure;
  figure.chart.x = axis_of("micro-step", series, x_value, false);
  figure.chart.y = axis_of("moves", series, y_value, true);
  return figure;
}

}  // namespace

Table rolling_table(const RollingInstance& instance) {
  Table table;
  table.columns = {{"method", false},
                   {"imbalance", true, "of the next micro-step, mean"},
                   {"worst layer", true, "the largest imbalance of any layer"},
                   {"over the least %", true, "above what no placement can undercut"},
                   {"planned", true, "imbalance on the micro-steps that were known, mean"},
                   {"moves", true, "a planning"},
                   {"moves in all"},
                   {"moved"},
                   {"work"}};
  std::vector<std::optional<double>> imbalance;
  std::vector<std::optional<double>> worst;
  std::vector<std::optional<double>> moves;
  for (std::size_t k = 0; k < instance.entries.size(); ++k) {
    const RollingEntry& entry = instance.entries[k];
    const auto summary = summarise(instance, entry);
    table.style_of_row.push_back(style_of(k));
    if (!summary) {
      table.rows.push_back({{name_of(entry)}, {"refused", Tone::quiet, entry.run.refused}});
      while (table.rows.back().size() < table.columns.size()) table.rows.back().push_back({"-", Tone::quiet});
      imbalance.emplace_back();
      worst.emplace_back();
      moves.emplace_back();
      continue;
    }
    table.rows.push_back({{name_of(entry)},
                          {shown("%.4f", summary->imbalance)},
                          {shown("%.4f", summary->worst)},
                          {shown("%.2f", 100 * (summary->imbalance / summary->least - 1))},
                          {shown("%.4f", summary->planned)},
                          {support::amount_text(summary->moves)},
                          {std::to_string(summary->all_moves)},
                          {support::bytes_text(summary->moved_bytes)},
                          {support::amount_text(static_cast<double>(summary->work))}});
    imbalance.emplace_back(summary->imbalance);
    worst.emplace_back(summary->worst);
    moves.emplace_back(summary->moves);
  }
  mark_best(table, 1, imbalance);
  mark_best(table, 2, worst);
  mark_best(table, 5, moves);
  return table;
}

Table microstep_table(const RollingInstance& instance) {
  Table table;
  table.columns.push_back({"micro-step"});
  for (const RollingEntry& entry : instance.entries) table.columns.push_back({name_of(entry)});
  table.columns.push_back({"least", true, "no placement is below"});
  const auto first = std::find_if(instance.entries.begin(), instance.entries.end(),
                                  [](const RollingEntry& entry) { return !entry.run.plans.empty(); });
  if (first == instance.entries.end()) return table;
  for (std::size_t row = 0; row < first->run.plans.size(); ++row) {
    const int microstep = first->run.plans[row].microstep;
    std::vector<Cell> cells{{std::to_string(microstep)}};
    std::vector<std::optional<double>> values;
    double best = 1e300;
    for (const RollingEntry& entry : instance.entries) {
      if (!entry.run.plans.empty()) best = std::min(best, entry.run.plans[row].imbalance);
    }
    for (const RollingEntry& entry : instance.entries) {
      if (entry.run.plans.empty()) {
        cells.push_back({"-", Tone::quiet});
        continue;
      }
      const common::RollingPlan& plan = entry.run.plans[row];
      const std::string moves =
          plan.first ? "first plan, moves are not counted" : std::to_string(plan.moves) + " moves";
      cells.push_back({shown("%.4f", plan.imbalance), plan.imbalance == best ? Tone::best : Tone::plain, moves});
    }
    cells.push_back({shown("%.4f", instance.least[static_cast<std::size_t>(microstep)])});
    table.rows.push_back(std::move(cells));
  }
  return table;
}

std::vector<RollingFigure> rolling_figures(const RollingInstance& instance) {
  std::vector<RollingFigure> list;
  for (auto& figure : {against_moves(instance), over_time(instance), moves_over_time(instance)}) {
    if (!figure.chart.series.empty()) list.push_back(figure);
  }
  return list;
}

std::vector<std::pair<std::string, std::string>> conditions(const RollingComparison& comparison) {
  return {{"each plan",
           "sees the last " + support::count_text(comparison.window, "micro-step") + " and is scored on the next one"},
          {"limits", comparison.work_limit ? std::to_string(*comparison.work_limit) + " units of work a planning"
                                           : "the default work of the problem, each planning"},
          {"seed", std::to_string(comparison.seed)},
          {"version", "plimsoll " + comparison.version},
          {"command", comparison.command}};
}

}  // namespace plimsoll::compare
