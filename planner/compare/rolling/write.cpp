// The rolling comparison on a terminal, as Markdown, as a table and as JSON. docs/formats.md, "Rolling comparisons".
#include "planner/compare/rolling/tables.hpp"
#include "support/csv.hpp"
#include "support/json.hpp"
#include "support/json_text.hpp"
#include "support/markup.hpp"

namespace plimsoll::compare {
namespace {

std::string joined(const std::vector<std::string>& texts) {
  std::string all;
  for (const std::string& text : texts) all += (all.empty() ? "" : "; ") + text;
  return all;
}

std::string row_of(const std::vector<std::string>& fields) {
  std::string row;
  for (const std::string& field : fields) row += (row.empty() ? "" : ",") + support::csv_field(field);
  return row + "\n";
}

std::string limit_text(const RollingEntry& entry) {
  if (!entry.max_moves) return "";
  return entry.run.keeps_limit ? std::to_string(*entry.max_moves) : "none";
}

void write_plan(support::Writer& writer, const common::RollingPlan& plan, double least) {
  writer.begin_object().key("microstep").value(plan.microstep).key("first").value(plan.first);
  writer.key("planned_imbalance").value(plan.planned_imbalance).key("imbalance").value(plan.imbalance);
  writer.key("worst_imbalance").value(plan.worst_imbalance).key("least_imbalance").value(least);
  writer.key("moves").value(plan.moves).key("moved_bytes").value(plan.moved_bytes).key("work").value(plan.work);
  writer.key("layers").line(plan.layers);
  writer.key("violations").begin_array();
  for (const std::string& violation : plan.violations) writer.value(violation);
  writer.end_array().end_object();
}

void write_entry(support::Writer& writer, const RollingInstance& instance, const RollingEntry& entry) {
  writer.begin_object().key("method").value(entry.method).key("max_moves");
  if (entry.max_moves) {
    writer.value(*entry.max_moves);
  } else {
    writer.null();
  }
  writer.key("keeps_limit").value(entry.run.keeps_limit).key("refused").value(entry.run.refused);
  writer.key("summary");
  if (const auto summary = summarise(instance, entry)) {
    writer.begin_object().key("imbalance").value(summary->imbalance).key("worst_imbalance").value(summary->worst);
    writer.key("planned_imbalance").value(summary->planned).key("least_imbalance").value(summary->least);
    writer.key("moves").value(summary->moves).key("all_moves").value(summary->all_moves);
    writer.key("moved_bytes").value(summary->moved_bytes).key("work").value(summary->work).end_object();
  } else {
    writer.null();
  }
  writer.key("plans").begin_array();
  for (const common::RollingPlan& plan : entry.run.plans) {
    write_plan(writer, plan, instance.least[static_cast<std::size_t>(plan.microstep)]);
  }
  writer.end_array().end_object();
}

}  // namespace

std::string to_text(const RollingComparison& comparison) {
  std::string text;
  for (const std::string& fault : faults(comparison)) text += fault + "\n";
  for (const RollingInstance& instance : comparison.instances) {
    if (comparison.instances.size() > 1) text += (text.empty() ? "" : "\n") + instance.name + "\n";
    text += to_text(rolling_table(instance));
  }
  text += "\n";
  for (const std::string& finding : findings(comparison)) text += finding + "\n";
  return text;
}

std::string to_markdown(const RollingComparison& comparison) {
  const auto title = comparison.title.empty() ? std::string("Planning again and again") : comparison.title;
  std::string text = "# " + support::markdown_text(title) + "\n\n";
  for (const auto& [name, value] : conditions(comparison)) {
    text += "- " + name + ": " + (name == "command" ? "`" + value + "`" : support::markdown_text(value)) + "\n";
  }
  text += "\n";
  for (const std::string& fault : faults(comparison)) text += "- **" + support::markdown_text(fault) + "**\n";
  for (const std::string& finding : findings(comparison)) text += "- " + support::markdown_text(finding) + "\n";
  for (const RollingInstance& instance : comparison.instances) {
    text += "\n## " + support::markdown_text(instance.name) + "\n\n" + to_markdown(rolling_table(instance));
  }
  return text;
}

std::string to_csv(const RollingComparison& comparison) {
  std::string text =
      "instance,problem,path,sha256,method,max_moves,window,microstep,first,imbalance,worst_imbalance,least_imbalance,"
      "planned_imbalance,moves,moved_bytes,work,violations,work_limit,seed,version\n";
  for (const RollingInstance& instance : comparison.instances) {
    for (const RollingEntry& entry : instance.entries) {
      for (const common::RollingPlan& plan : entry.run.plans) {
        text += row_of({instance.name,
                        instance.problem,
                        instance.path,
                        instance.sha256,
                        entry.method,
                        limit_text(entry),
                        std::to_string(comparison.window),
                        std::to_string(plan.microstep),
                        plan.first ? "yes" : "no",
                        support::number_text(plan.imbalance),
                        support::number_text(plan.worst_imbalance),
                        support::number_text(instance.least[static_cast<std::size_t>(plan.microstep)]),
                        support::number_text(plan.planned_imbalance),
                        std::to_string(plan.moves),
                        support::number_text(plan.moved_bytes),
                        std::to_string(plan.work),
                        joined(plan.violations),
                        comparison.work_limit ? std::to_string(*comparison.work_limit) : "",
                        std::to_string(comparison.seed),
                        comparison.version});
      }
    }
  }
  return text;
}

std::string to_json(const RollingComparison& comparison) {
  support::Writer writer;
  writer.begin_object().key("plimsoll").value(1).key("rolling").begin_object();
  writer.key("title").value(comparison.title).key("command").value(comparison.command);
  writer.key("window").value(comparison.window).key("work_limit");
  if (comparison.work_limit) {
    writer.value(*comparison.work_limit);
  } else {
    writer.null();
  }
  writer.key("seed").value(comparison.seed).key("version").value(comparison.version).end_object();
  writer.key("faults").begin_array();
  for (const std::string& fault : faults(comparison)) writer.value(fault);
  writer.end_array().key("findings").begin_array();
  for (const std::string& finding : findings(comparison)) writer.value(finding);
  writer.end_array().key("instances").begin_array();
  for (const RollingInstance& instance : comparison.instances) {
    writer.begin_object().key("name").value(instance.name).key("path").value(instance.path);
    writer.key("problem").value(instance.problem).key("sha256").value(instance.sha256);
    writer.key("microsteps").value(instance.microsteps).key("entries").begin_array();
    for (const RollingEntry& entry : instance.entries) write_entry(writer, instance, entry);
    writer.end_array().end_object();
  }
  return writer.end_array().end_object().take();
}

}  // namespace plimsoll::compare
