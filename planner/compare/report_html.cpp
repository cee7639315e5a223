// The report as one page that needs nothing else: no other file, no network, and no scripts to be read.
#include "planner/compare/findings.hpp"
#include "planner/compare/plots.hpp"
#include "planner/compare/report.hpp"
#include "planner/compare/tables.hpp"
#include "planner/compare/words.hpp"
#include "support/json_text.hpp"
#include "support/markup.hpp"
#include "support/page.hpp"

namespace plimsoll::compare {
namespace {

using support::escaped;
using support::list_of;
using support::section_of;

std::string title_of(const Comparison& comparison) {
  if (!comparison.title.empty()) return comparison.title;
  return counted(comparison.methods.size(), "method") + " on " + counted(comparison.instances.size(), "instance");
}

std::string figure_of(const Figure& figure) {
  return support::figure_of(support::to_svg(figure.chart), figure.caption);
}

std::vector<support::PageFact> facts_of(const Comparison& comparison) {
  std::vector<support::PageFact> facts;
  for (const auto& [name, value] : conditions(comparison)) facts.push_back({name, value, name == "command"});
  return facts;
}

std::string first_things(const Report& report) {
  std::vector<std::string> faults;
  for (const Fault& fault : report.faults) faults.push_back(fault.sentence);
  std::string html = support::faults_of(faults);
  html += "<section class=\"findings\">\n" + list_of(findings(report)) + "</section>\n";
  const auto notes = reservations(report);
  if (!notes.empty()) html += "<div class=\"notes\">" + list_of(notes) + "</div>\n";
  return html;
}

std::string summaries(const Report& report) {
  std::string html = "<h2>Methods</h2>\n" + section_of(summary_table(report, report.summary));
  if (report.has_narrower_view()) {
    html += "<h2>Methods on the " + counted(report.common.size(), "instance") + " that no method refused</h2>\n";
    html += "<p>Above, each mean is over the runs that the method took part in; here all are over the same.</p>\n";
    html += section_of(summary_table(report, report.summary_of_common));
  }
  return html;
}

std::string charts(const Report& report) {
  std::string html = "<h2>Curves</h2>\n<div class=\"figures\">\n";
  for (const Figure& figure : figures(report)) html += figure_of(figure);
  return html + "</div>\n";
}

std::string matrices(const Report& report) {
  std::string html = "<h2>Gap to the best bound, in percent</h2>\n<p>Bold: no method has a better plan.</p>\n" +
                     section_of(overview_table(report));
  if (report.comparison.methods.size() > 1) {
    html +=
        "<h2>Method against method</h2>\n<p>On how many instances the row's plan is better than, equal to and worse "
        "than the column's, means over seeds. Bold: better, and a fair coin would fall so unevenly in fewer than 5 % "
        "of cases (two-sided sign test over the instances that differ, not corrected for the number of pairs).</p>\n" +
        section_of(duel_table(report));
  }
  return html;
}

std::string known(const Instance& instance) {
  if (!instance.reference) return {};
  const Reference& reference = *instance.reference;
  std::string text;
  if (reference.infeasible) text = "known to be infeasible";
  if (reference.value) text = (reference.optimum ? "optimum " : "best known ") + objective_text(reference.value);
  if (reference.bound) text += (text.empty() ? "known bound " : ", known bound ") + objective_text(reference.bound);
  return text;
}

std::string instance_part(const Report& report, std::size_t instance) {
  const Comparison& comparison = report.comparison;
  const Instance& one = comparison.instances[instance];
  const InstanceMeasures& measures = report.measures.instances[instance];
  std::string line = one.problem;
  if (measures.best_objective) line += ", best plan " + objective_text(measures.best_objective);
  if (measures.best_bound) line += ", best bound " + objective_text(measures.best_bound);
  if (const std::string text = known(one); !text.empty()) line += ", " + text;
  std::string html = "<details" + std::string(comparison.instances.size() == 1 ? " open=\"open\"" : "") + "><summary>" +
                     escaped(one.name) + " <span>" + escaped(line) + "</span></summary>\n";
  html += "<p class=\"notes\"><code>" + escaped(one.path) + "</code>, SHA-256 <code>" +
          escaped(one.sha256.substr(0, 16)) + "</code></p>\n";
  html += section_of(instance_table(report, instance));
  std::vector<std::string> reasons;
  for (std::size_t method = 0; method < comparison.methods.size(); ++method) {
    const Run& run = comparison.run(instance, method, 0);
    if (run.status == RunStatus::optimal || run.status == RunStatus::feasible || run.reason.empty()) continue;
    reasons.push_back(comparison.methods[method] + ", " + std::string(name_of(run.status)) + ": " + run.reason);
  }
  if (!reasons.empty()) html += "<div class=\"notes\">" + list_of(reasons) + "</div>\n";
  const Figure figure = instance_figure(report, instance);
  if (!figure.chart.series.empty()) html += figure_of(figure);
  return html + "</details>\n";
}

std::string how_to_read(const Report& report) {
  const bool limited = report.comparison.limits.time_limit_seconds.has_value();
  return "<h2>How this was measured</h2>\n<ul>\n"
         "<li>Every run is a process of its own, so that no method disturbs another and a crash ends nothing but its "
         "run. Every plan was verified by <code>plimsoll check</code>, in another process, which shares no code with "
         "the "
         "methods; only such objectives count.</li>\n"
         "<li>Gap: (objective - bound) / max(|objective|, 1e-12). To the best bound: with the largest bound that any "
         "method has for the instance. To the reference: (objective - reference) / |reference|.</li>\n"
         "<li>Time: seconds of the solve, reading included. Its mean is the shifted geometric mean, "
         "exp(mean(ln(t + 1 s))) - 1 s.</li>\n"
         "<li>Primal gap of objective x to target x*: |x - x*| / max(|x|, |x*|), 0 where both are 0, 1 where their "
         "signs "
         "differ and while there is no plan. x* is the reference, or the best plan of this comparison where that is "
         "better. Primal integral: its integral over time from 0 to " +
         std::string(limited ? "the time limit" : "the end of the longest run on the instance") +
         ", in seconds (Berthold, Measuring the impact of primal heuristics, 2013). Smaller is better; a plan found at "
         "once and never bettered still pays for its gap.</li>\n"
         "<li>Performance profiles: Dolan and Mor\xc3\xa9, Benchmarking optimization software with performance "
         "profiles, "
         "2002. A problem is an instance with a seed.</li>\n"
         "</ul>\n";
}

}  // namespace

std::string to_html(const Report& report) {
  const Comparison& comparison = report.comparison;
  std::string body = first_things(report) + summaries(report) + charts(report) + matrices(report);
  body += "<h2>Instances</h2>\n";
  for (std::size_t instance = 0; instance < comparison.instances.size(); ++instance) {
    body += instance_part(report, instance);
  }
  return support::to_html(
      support::Page{"plimsoll compare", title_of(comparison), facts_of(comparison), body + how_to_read(report)});
}

}  // namespace plimsoll::compare
