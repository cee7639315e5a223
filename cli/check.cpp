#include <charconv>
#include <memory>
#include <string>

#include "cli/documents.hpp"
#include "cli/errors.hpp"
#include "cli/terminal.hpp"
#include "cli/verbs.hpp"

namespace plimsoll::cli {
namespace {

struct CheckArguments {
  std::string instance;
  std::string plan;
};

// All digits: a checked objective is something to compare with.
std::string exact(double number) {
  char text[40];
  return {text, std::to_chars(text, text + sizeof text, number).ptr};
}

std::string verdict(const Certificate& certificate) {
  std::string text = "holds";
  const char* separator = ": ";
  if (certificate.objective) {
    text += separator + ("objective " + exact(*certificate.objective));
    separator = ", ";
  }
  if (certificate.bound) {
    text += separator + ("bound " + exact(*certificate.bound));
    separator = ", ";
  }
  if (certificate.gap) text += separator + ("gap " + percent(*certificate.gap));
  return text + "\n";
}

int check(const CheckArguments& arguments) {
  refuse_two_standard_inputs(arguments.instance, arguments.plan);
  const OpenedInstance opened = open_instance(arguments.instance);
  const OpenedPlan plan = open_plan(arguments.plan, opened);
  if (!plan.has_plan()) {
    print_data("no plan to check: " + plan.why_none() + "\n");
    return exit_wrong;
  }
  const auto violations =
      about_file(arguments.plan, [&] { return opened.instance->check(plan.document.json, plan.certificate); });
  if (violations.empty()) {
    print_data(verdict(plan.certificate));
    return exit_done;
  }
  std::string text;
  for (const std::string& violation : violations) text += violation + "\n";
  print_data(text);
  return exit_wrong;
}

}  // namespace

Verb add_check(CLI::App& program) {
  CLI::App* command = program.add_subcommand("check", "Verify a plan and its certificate against the instance");
  command->footer("Example:\n  plimsoll check instance.json plan.json");
  const auto arguments = std::make_shared<CheckArguments>();
  command->add_option("INSTANCE", arguments->instance, "The instance file, - for standard input")->required();
  command->add_option("PLAN", arguments->plan, "The plan file, - for standard input")->required();
  return {command, [arguments] { return check(*arguments); }};
}

}  // namespace plimsoll::cli
