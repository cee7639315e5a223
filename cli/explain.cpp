#include <memory>
#include <optional>
#include <string>

#include "cli/documents.hpp"
#include "cli/errors.hpp"
#include "cli/terminal.hpp"
#include "cli/verbs.hpp"

namespace plimsoll::cli {
namespace {

struct ExplainArguments {
  std::string instance;
  std::string format = "json";
  std::optional<std::string> cost;
  std::string plan;
};

int explain(const ExplainArguments& arguments) {
  refuse_two_standard_inputs(arguments.instance, arguments.plan);
  const OpenedInstance opened = open_instance_with_cost(arguments.instance, arguments.format, arguments.cost);
  const OpenedPlan plan = open_plan(arguments.plan, opened);
  if (!plan.has_plan()) {
    print_data("no plan to explain: " + plan.why_none() + "\n");
    return exit_wrong;
  }
  std::string text = about_file(arguments.plan, [&] { return opened.instance->explain(plan.document.json); });
  if (!text.ends_with('\n')) text += '\n';
  print_data(text);
  return exit_done;
}

}  // namespace

Verb add_explain(CLI::App& program) {
  CLI::App* command = program.add_subcommand("explain", "Say what limits a plan, device by device");
  command->footer("Example:\n  plimsoll explain instance.json plan.json");
  const auto arguments = std::make_shared<ExplainArguments>();
  command->add_option("INSTANCE", arguments->instance, "The instance file, - for standard input")->required();
  command->add_option("--format", arguments->format, "Of the instance file: " + known_formats())
      ->type_name("FORMAT")
      ->capture_default_str();
  add_cost_option(*command, arguments->cost);
  command->add_option("PLAN", arguments->plan, "The plan file, - for standard input")->required();
  return {command, [arguments] { return explain(*arguments); }};
}

}  // namespace plimsoll::cli
