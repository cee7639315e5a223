// The report as a terminal shows it, and as Markdown.
#include "planner/compare/findings.hpp"
#include "planner/compare/report.hpp"
#include "planner/compare/tables.hpp"
#include "planner/compare/words.hpp"
#include "support/markup.hpp"

namespace plimsoll::compare {
namespace {

constexpr auto plain = support::markdown_text;

std::string about(const Report& report, std::size_t instance) {
  const Instance& one = report.comparison.instances[instance];
  std::string text;
  if (!one.reference) return text;
  const Reference& reference = *one.reference;
  if (reference.value) text = (reference.optimum ? "optimum " : "best known ") + objective_text(reference.value);
  if (reference.bound) text += (text.empty() ? "" : ", ") + ("known bound " + objective_text(reference.bound));
  if (reference.infeasible) text = "known to be infeasible";
  return text;
}

std::string faults_text(const Report& report, const std::string& bullet) {
  std::string text;
  for (const Fault& fault : report.faults) text += bullet + fault.sentence + "\n";
  return text;
}

// Refusals and failures, whose reasons no table has room for; equal ones of a method together.
std::string reasons(const Report& report, std::size_t instance) {
  std::string text;
  for (std::size_t method = 0; method < report.comparison.methods.size(); ++method) {
    const Run& run = report.comparison.run(instance, method, 0);
    const bool said = run.status == RunStatus::refused || run.status == RunStatus::failed;
    if (said) {
      text += report.comparison.methods[method] + " " + std::string(name_of(run.status)) + ": " + run.reason + "\n";
    }
  }
  return text;
}

}  // namespace

std::string to_text(const Report& report) {
  std::string text;
  for (std::size_t instance = 0; instance < report.comparison.instances.size(); ++instance) {
    const std::string known = about(report, instance);
    text += report.comparison.instances[instance].name + (known.empty() ? "" : " (" + known + ")") + "\n";
    text += to_text(instance_table(report, instance)) + reasons(report, instance) + "\n";
  }
  if (report.comparison.methods.size() > 1) {
    text += "All " + counted(report.comparison.instances.size(), "instance") + "\n";
    text += to_text(summary_table(report, report.summary)) + "\n";
    if (report.has_narrower_view()) {
      text += "The " + counted(report.common.size(), "instance") + " that no method refused\n";
      text += to_text(summary_table(report, report.summary_of_common)) + "\n";
    }
  } else {
    text += to_text(summary_table(report, report.summary)) + "\n";
  }
  for (const std::string& finding : findings(report)) text += finding + "\n";
  for (const std::string& note : reservations(report)) text += note + "\n";
  if (!report.faults.empty()) {
    text += "\n" +
            (report.faults.size() == 1 ? std::string("1 FAULT") : std::to_string(report.faults.size()) + " FAULTS") +
            "\n" + faults_text(report, "  ");
  }
  return text;
}

std::string to_markdown(const Report& report) {
  std::string text;
  if (!report.comparison.title.empty()) text += "# " + plain(report.comparison.title) + "\n\n";
  for (const auto& [name, value] : conditions(report.comparison)) {
    text += "- " + name + ": " + (name == "command" ? "`" + value + "`" : plain(value)) + "\n";
  }
  text += "\n";
  if (!report.faults.empty()) {
    text += "**" + counted(report.faults.size(), "fault") + ":**\n\n";
    for (const Fault& fault : report.faults) text += "- " + plain(fault.sentence) + "\n";
    text += "\n";
  }
  for (const std::string& finding : findings(report)) text += "- " + plain(finding) + "\n";
  for (const std::string& note : reservations(report)) text += "- " + plain(note) + "\n";
  text += "\n" + to_markdown(summary_table(report, report.summary)) + "\n";
  if (report.has_narrower_view()) {
    text += "On the " + counted(report.common.size(), "instance") + " that no method refused:\n\n";
    text += to_markdown(summary_table(report, report.summary_of_common)) + "\n";
  }
  text += "Gap to the best bound of all methods, in percent; bold where no method has a better plan:\n\n";
  text += to_markdown(overview_table(report));
  return text;
}

}  // namespace plimsoll::compare
