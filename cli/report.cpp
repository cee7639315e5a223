#include <memory>
#include <optional>
#include <string>

#include "cli/documents.hpp"
#include "cli/errors.hpp"
#include "cli/terminal.hpp"
#include "cli/verbs.hpp"

namespace plimsoll::cli {
namespace {

struct ReportArguments {
  std::string instance;
  std::string format = "json";
  std::optional<std::string> cost;
  std::string plan;
  std::optional<std::string> output;
};

int report_on(const ReportArguments& arguments) {
  refuse_two_standard_inputs(arguments.instance, arguments.plan);
  if (!arguments.output && output_is_terminal()) {
    throw Error(ErrorCode::usage, "where should the page go?", {},
                "Maybe add -o report.html, or -o - to print it here.");
  }
  const std::string output = arguments.output.value_or("-");
  require_writable(output, arguments.instance);
  require_writable(output, arguments.plan);
  const OpenedInstance opened = open_instance_with_cost(arguments.instance, arguments.format, arguments.cost);
  const OpenedPlan plan = open_plan(arguments.plan, opened);
  if (!plan.has_plan()) {
    print_note("plimsoll: no plan to report on: " + plan.why_none() + "\n");
    return exit_wrong;
  }
  const common::PlanReport made =
      about_file(arguments.plan, [&] { return opened.instance->report(plan.document.json, plan.certificate); });
  write_output(output, made.html);
  if (made.violations.empty()) return exit_done;
  print_note("plimsoll: the plan breaks the instance, and the page says so: " + made.violations.front() + "\n");
  return exit_wrong;
}

}  // namespace

Verb add_report(CLI::App& program) {
  CLI::App* command =
      program.add_subcommand("report", "Show a plan in pictures: one page of HTML that needs no other file");
  command->footer(
      "The plan is evaluated anew; exit code 1 where it breaks the instance.\n\n"
      "Example:\n  plimsoll report instance.json plan.json -o report.html");
  const auto arguments = std::make_shared<ReportArguments>();
  command->add_option("INSTANCE", arguments->instance, "The instance file, - for standard input")->required();
  command->add_option("--format", arguments->format, "Of the instance file: " + known_formats())
      ->type_name("FORMAT")
      ->capture_default_str();
  add_cost_option(*command, arguments->cost);
  command->add_option("PLAN", arguments->plan, "The plan file, - for standard input")->required();
  command->add_option("-o,--output", arguments->output, "Where the page goes, - for standard output")
      ->type_name("HTML");
  return {command, [arguments] { return report_on(*arguments); }};
}

}  // namespace plimsoll::cli
