#include "planner/compare/tables.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>

#include "planner/compare/statistics.hpp"
#include "planner/compare/words.hpp"

namespace plimsoll::compare {
namespace {

using support::Cell;
using support::Column;
using support::Tone;

struct SummaryColumn {
  Column column;
  std::function<Cell(const MethodSummary&)> cell;
  std::function<std::optional<double>(const MethodSummary&)> value = {};  // where the best is marked
  bool smallest = true;
  bool is_mean = true;  // of methods that refused different instances no mean is best
};

Cell count_cell(std::size_t count, Tone tone) { return {std::to_string(count), count == 0 ? Tone::quiet : tone}; }

std::vector<SummaryColumn> summary_columns(const Report& report) {
  const auto count = [](std::size_t MethodSummary::*member, Tone tone) {
    return [member, tone](const MethodSummary& s) { return count_cell(s.*member, tone); };
  };
  const auto largest = [](std::size_t MethodSummary::*member) {
    return [member](const MethodSummary& s) { return std::optional<double>(static_cast<double>(s.*member)); };
  };
  const auto percent = [](std::optional<double> MethodSummary::*member) {
    return [member](const MethodSummary& s) { return Cell{percent_text(s.*member)}; };
  };
  const auto seconds = [](std::optional<double> MethodSummary::*member) {
    return [member](const MethodSummary& s) { return Cell{seconds_text(s.*member)}; };
  };
  const auto value = [](std::optional<double> MethodSummary::*member) {
    return [member](const MethodSummary& s) { return s.*member; };
  };
  const auto any = [&](std::size_t MethodSummary::*member) {
    return std::any_of(report.summary.begin(), report.summary.end(), [&](const auto& s) { return s.*member > 0; });
  };
  using S = MethodSummary;
  std::vector<SummaryColumn> columns;
  columns.push_back({{"plans", true, "confirmed plans, of all runs"},
                     [](const S& s) { return Cell{std::to_string(s.plans) + "/" + std::to_string(s.runs)}; }});
  columns.push_back({{"proven", true, "optimal, or proven infeasible"},
                     count(&S::proven, Tone::plain),
                     largest(&S::proven),
                     false,
                     false});
  columns.push_back({{"wins", true, "best plan of all methods, ties count for each"},
                     count(&S::wins, Tone::plain),
                     largest(&S::wins),
                     false,
                     false});
  columns.push_back({{"alone", true, "wins that no other method shares"}, count(&S::wins_alone, Tone::plain)});
  columns.push_back({{"gap %", true, "mean gap to the method's own bound"}, percent(&S::mean_gap)});
  columns.push_back({{"max gap %", true, "largest gap to the method's own bound"}, percent(&S::largest_gap)});
  columns.push_back({{"best bound %", true, "mean gap to the best bound of all methods"},
                     percent(&S::mean_gap_to_best_bound),
                     value(&S::mean_gap_to_best_bound)});
  if (std::any_of(report.summary.begin(), report.summary.end(), [](const S& s) { return s.mean_gap_to_reference; })) {
    columns.push_back({{"reference %", true, "mean distance to the reference value"},
                       percent(&S::mean_gap_to_reference),
                       value(&S::mean_gap_to_reference)});
  }
  columns.push_back({{"time s", true, "shifted geometric mean, shift 1 s"},
                     seconds(&S::geometric_mean_seconds),
                     value(&S::geometric_mean_seconds)});
  columns.push_back({{"mean s", true, "arithmetic mean of the time"}, seconds(&S::mean_seconds)});
  columns.push_back({{"integral s", true, "mean primal integral"},
                     seconds(&S::mean_primal_integral),
                     value(&S::mean_primal_integral)});
  if (any(&S::without))
    columns.push_back({{"no plan", true, "none within the limit"}, count(&S::without, Tone::plain)});
  if (any(&S::refused)) {
    columns.push_back({{"refused", true, "the method does not support the instance"}, count(&S::refused, Tone::plain)});
  }
  if (any(&S::failed)) {
    columns.push_back({{"failed", true, "crashed, killed, or refused by the checker"}, count(&S::failed, Tone::bad)});
  }
  return columns;
}

// One method on one instance, all seeds together.
struct Group {
  std::vector<const Run*> runs;
  std::vector<const RunMeasures*> measures;
  // Mean of what there is.
  [[nodiscard]] std::optional<double> mean_of(std::optional<double> RunMeasures::*member) const {
    std::vector<double> values;
    for (const RunMeasures* one : measures) {
      if (one->*member) values.push_back(*(one->*member));
    }
    return mean(values);
  }
  [[nodiscard]] bool all(RunStatus status) const {
    return std::all_of(runs.begin(), runs.end(), [&](const Run* run) { return run->status == status; });
  }
  [[nodiscard]] bool any_wrong() const {
    return std::any_of(runs.begin(), runs.end(), [](const Run* run) {
      const bool claims_plan = run->status == RunStatus::optimal || run->status == RunStatus::feasible;
      return run->status == RunStatus::failed || (claims_plan && !run->verified);
    });
  }
  [[nodiscard]] std::string reason() const {
    for (const Run* run : runs) {
      if (!run->violations.empty()) return run->violations.front();
      if (!run->reason.empty()) return run->reason;
    }
    return {};
  }
};

Group group_of(const Report& report, std::size_t instance, std::size_t method) {
  Group group;
  for (std::size_t seed = 0; seed < report.comparison.seeds.size(); ++seed) {
    const std::size_t index = report.comparison.index(instance, method, seed);
    group.runs.push_back(&report.comparison.runs[index]);
    group.measures.push_back(&report.measures.runs[index]);
  }
  return group;
}

std::string status_text(const Group& group) {
  std::map<std::string, std::size_t> counts;
  for (const Run* run : group.runs) {
    const bool claims_plan = run->status == RunStatus::optimal || run->status == RunStatus::feasible;
    ++counts[claims_plan && !run->verified ? "refuted" : std::string(name_of(run->status))];
  }
  if (counts.size() == 1) return counts.begin()->first == "unknown" ? "no plan" : counts.begin()->first;
  std::string text;
  for (const auto& [name, count] : counts) text += (text.empty() ? "" : ", ") + std::to_string(count) + " " + name;
  return text;
}

Cell overview_cell(const Report& report, std::size_t instance, std::size_t method) {
  const Group group = group_of(report, instance, method);
  const std::string status = status_text(group);
  if (group.any_wrong()) {
    const bool failed = std::any_of(group.runs.begin(), group.runs.end(),
                                    [](const Run* run) { return run->status == RunStatus::failed; });
    return {failed ? "failed" : "refuted", Tone::bad, status + ": " + group.reason()};
  }
  const auto gap = group.mean_of(&RunMeasures::gap_to_best_bound);
  const bool wins = std::all_of(group.measures.begin(), group.measures.end(), [](const auto* m) { return m->wins; });
  if (gap) return {percent_text(gap), wins ? Tone::best : Tone::plain, status};
  if (spread(report.comparison, instance, method).plans > 0) return {"plan", wins ? Tone::best : Tone::plain, status};
  const bool same = group.all(group.runs.front()->status);
  return {same ? status : "no plan", group.all(RunStatus::infeasible) ? Tone::plain : Tone::quiet,
          status + ": " + group.reason()};
}

std::optional<double> mean_run(const Group& group, const std::function<std::optional<double>(const Run&)>& value) {
  std::vector<double> values;
  for (const Run* run : group.runs) {
    if (const auto one = value(*run)) values.push_back(*one);
  }
  return mean(values);
}

std::vector<Cell> instance_row(const Report& report, std::size_t instance, std::size_t method) {
  const Group group = group_of(report, instance, method);
  const Spread objectives = spread(report.comparison, instance, method);
  const bool several = report.comparison.seeds.size() > 1;
  const bool wins = std::all_of(group.measures.begin(), group.measures.end(), [](const auto* m) { return m->wins; });
  const Tone status_tone = group.any_wrong() ? Tone::bad : objectives.plans == 0 ? Tone::quiet : Tone::plain;
  std::vector<Cell> row{{report.comparison.methods[method]}, {status_text(group), status_tone, group.reason()}};
  row.push_back({objective_text(objectives.mean), wins ? Tone::best : Tone::plain});
  if (several) {
    row.push_back({objective_text(objectives.least)});
    row.push_back({objective_text(objectives.largest)});
  }
  row.push_back({objective_text(mean_run(group, [](const Run& run) { return run.bound; }))});
  row.push_back({percent_text(group.mean_of(&RunMeasures::gap))});
  row.push_back({percent_text(group.mean_of(&RunMeasures::gap_to_best_bound))});
  const auto& reference = report.comparison.instances[instance].reference;
  if (reference && reference->value) row.push_back({percent_text(group.mean_of(&RunMeasures::gap_to_reference))});
  row.push_back({seconds_text(group.mean_of(&RunMeasures::seconds_to_best))});
  const auto time = [](const Run& run) { return took_part(run) ? std::optional<double>(run.seconds) : std::nullopt; };
  row.push_back({seconds_text(mean_run(group, time))});
  row.push_back({seconds_text(group.mean_of(&RunMeasures::primal_integral))});
  const auto work = mean_run(group, [](const Run& run) {
    return took_part(run) ? std::optional<double>(static_cast<double>(run.work)) : std::nullopt;
  });
  row.push_back({work ? objective_text(std::round(*work)) : nothing});
  const bool same_stop = std::all_of(group.runs.begin(), group.runs.end(),
                                     [&](const Run* run) { return run->stopped_by == group.runs.front()->stopped_by; });
  const std::string& stop = group.runs.front()->stopped_by;
  row.push_back({same_stop ? (stop.empty() ? nothing : stop) : "various"});
  return row;
}

}  // namespace

Table summary_table(const Report& report, const std::vector<MethodSummary>& summary) {
  Table table;
  table.columns.push_back({"method", false});
  const auto columns = summary_columns(report);
  for (const auto& column : columns) table.columns.push_back(column.column);
  for (std::size_t method = 0; method < summary.size(); ++method) {
    std::vector<Cell> row{{report.comparison.methods[method]}};
    for (const auto& column : columns) row.push_back(column.cell(summary[method]));
    table.rows.push_back(std::move(row));
    table.style_of_row.push_back(method);
  }
  const bool any_refusal =
      std::any_of(summary.begin(), summary.end(), [](const MethodSummary& one) { return one.refused > 0; });
  for (std::size_t k = 0; k < columns.size(); ++k) {
    if (!columns[k].value || (columns[k].is_mean && any_refusal)) continue;
    std::vector<std::optional<double>> values;
    for (const MethodSummary& one : summary) values.push_back(columns[k].value(one));
    mark_best(table, k + 1, values, columns[k].smallest);
  }
  return table;
}

Table overview_table(const Report& report) {
  Table table;
  table.columns.push_back({"instance", false});
  for (const std::string& method : report.comparison.methods) table.columns.push_back({method});
  for (std::size_t instance = 0; instance < report.comparison.instances.size(); ++instance) {
    std::vector<Cell> row{{report.comparison.instances[instance].name}};
    for (std::size_t method = 0; method < report.comparison.methods.size(); ++method) {
      row.push_back(overview_cell(report, instance, method));
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

Table instance_table(const Report& report, std::size_t instance) {
  Table table;
  const bool several = report.comparison.seeds.size() > 1;
  table.columns = {{"method", false}, {"status", false}};
  table.columns.push_back({several ? "objective, mean" : "objective", true, "confirmed by the checker"});
  if (several) {
    table.columns.push_back({"min"});
    table.columns.push_back({"max"});
  }
  table.columns.push_back({"bound"});
  table.columns.push_back({"gap %", true, "to the method's own bound"});
  table.columns.push_back({"best bound %", true, "gap to the best bound of all methods"});
  const auto& reference = report.comparison.instances[instance].reference;
  if (reference && reference->value) table.columns.push_back({"reference %", true, "distance to the reference value"});
  table.columns.push_back({"to best s", true, "when the last plan was found"});
  table.columns.push_back({"time s"});
  table.columns.push_back({"integral s", true, "primal integral"});
  table.columns.push_back({"work"});
  table.columns.push_back({"stopped by", false});
  for (std::size_t method = 0; method < report.comparison.methods.size(); ++method) {
    table.rows.push_back(instance_row(report, instance, method));
    table.style_of_row.push_back(method);
  }
  return table;
}

Table duel_table(const Report& report) {
  Table table;
  table.columns.push_back({"better / equal / worse than", false});
  const auto& methods = report.comparison.methods;
  for (const std::string& method : methods) table.columns.push_back({method});
  for (std::size_t row = 0; row < methods.size(); ++row) {
    std::vector<Cell> cells{{methods[row]}};
    for (std::size_t column = 0; column < methods.size(); ++column) {
      const Duel& one = report.duels[row][column];
      if (row == column || one.better + one.equal + one.worse == 0) {
        cells.push_back({nothing, Tone::quiet});
        continue;
      }
      const bool clear = one.better > one.worse && one.chance < 0.05;
      char chance[32];
      std::snprintf(chance, sizeof chance, "%.2g", one.chance);
      cells.push_back(
          {std::to_string(one.better) + " / " + std::to_string(one.equal) + " / " + std::to_string(one.worse),
           clear ? Tone::best : Tone::plain, "sign test: p = " + std::string(chance)});
    }
    table.rows.push_back(std::move(cells));
    table.style_of_row.push_back(row);
  }
  return table;
}

}  // namespace plimsoll::compare
