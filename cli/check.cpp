#include <algorithm>
#include <charconv>
#include <cmath>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cli/arguments.hpp"
#include "cli/documents.hpp"
#include "cli/errors.hpp"
#include "cli/terminal.hpp"
#include "cli/verbs.hpp"
#include "planner/common/plan_file.hpp"
#include "solvers/mip/evaluate.hpp"
#include "solvers/mip/solution_readers.hpp"
#include "support/file.hpp"

namespace plimsoll::cli {
namespace {

struct CheckArguments {
  std::string instance;
  std::string format = "json";
  std::optional<std::string> cost;
  std::optional<std::string> plan;
  std::optional<std::string> solution;
  std::optional<std::string> from;
  std::optional<std::string> cutoff;
  std::optional<std::string> output;
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

int check_plan(const CheckArguments& arguments) {
  refuse_two_standard_inputs(arguments.instance, *arguments.plan);
  const OpenedInstance opened = open_instance_with_cost(arguments.instance, arguments.format, arguments.cost);
  const OpenedPlan plan = open_plan(*arguments.plan, opened);
  if (!plan.has_plan()) {
    print_data("no plan to check: " + plan.why_none() + "\n");
    return exit_wrong;
  }
  const auto violations =
      about_file(*arguments.plan, [&] { return opened.instance->check(plan.document.json, plan.certificate); });
  if (violations.empty()) {
    print_data(verdict(plan.certificate));
    return exit_done;
  }
  std::string text;
  for (const std::string& violation : violations) text += violation + "\n";
  print_data(text);
  return exit_wrong;
}

// Solvers print as few as six digits, so that a sum can be off by that much of its terms. Points of another program are
// off by far more.
constexpr double printed_digits = 2e-5;

// Whether a sum of terms of this size is `missed` by more than its digits explain.
bool is_wrong(double missed, double size) { return !(missed <= printed_digits * std::max(1.0, size)); }

// What the point breaks of the program itself, and what its solver said about it.
std::vector<std::string> judge_point(const solvers::mip::Model& model, const solvers::mip::ForeignSolution& solution,
                                     std::span<const double> point) {
  std::vector<std::string> found;
  const auto value = [&](int variable) { return point[static_cast<std::size_t>(variable)]; };
  double objective = 0;
  double size = 0;
  for (int j = 0; j < model.variables(); ++j) {
    const auto& variable = model.variable(j);
    const double outside = std::max({0.0, variable.lower - value(j), value(j) - variable.upper});
    const bool whole = !variable.integer || value(j) == std::round(value(j));
    if (is_wrong(outside, std::abs(value(j))) || !whole) {
      found.push_back("the solution's " + variable.name + " is " + exact(value(j)) +
                      (whole ? ", out of its bounds" : ", not whole"));
    }
    objective += variable.cost * value(j);
    size += std::abs(variable.cost * value(j));
  }
  for (int row = 0; row < model.rows(); ++row) {
    double sum = 0;
    double terms = 0;
    for (const auto& [variable, coefficient] : model.row(row)) {
      sum += coefficient * value(variable);
      terms += std::abs(coefficient * value(variable));
    }
    const double missed = std::max({0.0, model.row_lower(row) - sum, sum - model.row_upper(row)});
    if (!is_wrong(missed, terms)) continue;
    found.push_back("the solution breaks row " + std::to_string(row) +
                    (model.row_name(row).empty() ? "" : " (" + model.row_name(row) + ")") + " by " + readable(missed));
  }
  if (solution.objective && is_wrong(std::abs(objective - *solution.objective), size)) {
    found.push_back("the solution says objective " + exact(*solution.objective) + ", its values give " +
                    exact(objective));
  }
  return found;
}

// A solver's point of the exported program, as a plan.
int check_solution(const CheckArguments& arguments) {
  const auto format = solvers::mip::solution_format_named(*arguments.from);
  if (arguments.instance == "-" && *arguments.solution == "-") {
    throw Error(ErrorCode::usage, "only one of INSTANCE and --solution can be standard input");
  }
  if (arguments.output) require_writable(*arguments.output, arguments.instance);
  std::optional<double> cutoff;
  if (arguments.cutoff) cutoff = real_number("--cutoff", *arguments.cutoff, 0, 1e300, "a number of seconds, 0 or more");
  const OpenedInstance opened = open_instance_with_cost(arguments.instance, arguments.format, arguments.cost);
  const auto program = about_file(arguments.instance, [&] { return opened.instance->integer_program(cutoff); });
  const std::string text = support::read_file(*arguments.solution);
  const auto solution =
      about_file(*arguments.solution, [&] { return solvers::mip::read_solution(program->model(), format, text); });
  const std::vector<double> point = solvers::mip::tidied(program->model(), solution.point);
  std::vector<std::string> violations = judge_point(program->model(), solution, point);
  const common::ReadBack back = program->read_back(point, "solution-" + *arguments.from);
  violations.insert(violations.end(), back.violations.begin(), back.violations.end());
  if (!violations.empty()) {
    std::string lines;
    for (const std::string& violation : violations) lines += violation + "\n";
    print_data(lines);
    return exit_wrong;
  }
  if (arguments.output) {
    common::SolvedPlan solved;
    solved.certificate = back.certificate;
    solved.metrics_json = back.metrics_json;
    solved.plan_json = back.plan_json;
    write_output(*arguments.output,
                 common::write_plan(opened.kind->name, opened.instance->name(), opened.sha256, solved, 1));
  }
  if (arguments.output != "-") print_data(verdict(back.certificate));
  return exit_done;
}

int check(const CheckArguments& arguments) {
  if (arguments.solution.has_value() != arguments.from.has_value()) {
    throw Error(ErrorCode::usage, arguments.solution ? "--solution needs --from" : "--from needs --solution", {},
                "Maybe add " + std::string(arguments.solution ? "--from glpk, cbc or highs." : "--solution FILE."));
  }
  if (arguments.plan && arguments.solution) {
    throw Error(ErrorCode::usage, "either PLAN or --solution is checked, not both at once");
  }
  if (arguments.solution) return check_solution(arguments);
  if (!arguments.plan) throw Error(ErrorCode::usage, "PLAN is required", {}, "Maybe see 'plimsoll check --help'.");
  if (arguments.cutoff || arguments.output) {
    throw Error(ErrorCode::usage, std::string(arguments.cutoff ? "--cutoff" : "--output") + " needs --solution");
  }
  return check_plan(arguments);
}

}  // namespace

Verb add_check(CLI::App& program) {
  CLI::App* command = program.add_subcommand("check", "Verify a plan and its certificate against the instance");
  command->footer(
      "Example:\n  plimsoll check instance.json plan.json\n"
      "  plimsoll check instance.json --solution instance.txt --from cbc -o plan.json");
  const auto arguments = std::make_shared<CheckArguments>();
  command->add_option("INSTANCE", arguments->instance, "The instance file, - for standard input")->required();
  command->add_option("--format", arguments->format, "Of the instance file: " + known_formats())
      ->type_name("FORMAT")
      ->capture_default_str();
  add_cost_option(*command, arguments->cost);
  command->add_option("PLAN", arguments->plan, "The plan file, - for standard input");
  command
      ->add_option("--solution", arguments->solution,
                   "Instead of a plan: what a solver wrote for the program of plimsoll export")
      ->type_name("FILE");
  command->add_option("--from", arguments->from, "Whose solution it is: glpk, cbc or highs")->type_name("SOLVER");
  command->add_option("--cutoff", arguments->cutoff, "The cutoff that the program was exported with")
      ->type_name("SECONDS");
  command->add_option("-o,--output", arguments->output, "Write the solution as a plan, - for standard output")
      ->type_name("PLAN");
  return {command, [arguments] { return check(*arguments); }};
}

}  // namespace plimsoll::cli
