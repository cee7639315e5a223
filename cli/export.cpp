// The integer program of an instance as files for any other solver, and what is known about its optimum.
#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "cli/arguments.hpp"
#include "cli/documents.hpp"
#include "cli/errors.hpp"
#include "cli/interrupt.hpp"
#include "cli/terminal.hpp"
#include "cli/verbs.hpp"
#include "planner/common/plan_file.hpp"
#include "solvers/mip/writers.hpp"
#include "support/json_text.hpp"

namespace plimsoll::cli {
namespace {

struct ExportArguments {
  std::string instance;
  std::string format = "json";
  std::optional<std::string> mps;
  std::optional<std::string> lp;
  std::optional<std::string> solu;
  std::optional<std::string> plan;
  std::optional<std::string> cutoff;
  std::string work_limit = "5000000";
};

// The instance's name as a word that the formats can carry.
std::string model_name(const std::string& name) {
  std::string word;
  for (const char character : name.substr(0, 64)) {
    const bool safe = (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') ||
                      (character >= '0' && character <= '9') || character == '-' || character == '_';
    word += safe ? character : '_';
  }
  return word.empty() ? "plimsoll" : word;
}

// Files that cannot be written are known before the work starts; no two may be the same.
void require_outputs(const ExportArguments& arguments) {
  const std::array<std::pair<const char*, const std::optional<std::string>*>, 3> outputs{
      {{"--mps", &arguments.mps}, {"--lp", &arguments.lp}, {"--solu", &arguments.solu}}};
  for (std::size_t k = 0; k < outputs.size(); ++k) {
    const auto& [option, path] = outputs[k];
    if (!*path) continue;
    for (std::size_t other = 0; other < k; ++other) {
      if (*outputs[other].second != *path) continue;
      throw Error(ErrorCode::usage, std::string(outputs[other].first) + " and " + option + " name the same file");
    }
    require_writable(**path, arguments.instance);
    if (arguments.plan && **path == *arguments.plan && *arguments.plan != "-") {
      throw Error(ErrorCode::usage, std::string(option) + " would overwrite the plan");
    }
  }
  if (!arguments.mps && !arguments.lp && !arguments.solu) {
    throw Error(ErrorCode::usage, "nothing to write", {}, "Maybe name a file with --mps or --lp.");
  }
}

// The certificate of a plan that holds; throws Error(input) for one that does not.
Certificate checked_plan(const ExportArguments& arguments, const OpenedInstance& opened) {
  const OpenedPlan plan = open_plan(*arguments.plan, opened);
  if (!plan.has_plan()) return plan.certificate;
  return about_file(*arguments.plan, [&] {
    const auto violations = opened.instance->check(plan.document.json, plan.certificate);
    if (!violations.empty()) throw Error(ErrorCode::input, "the plan does not hold: " + violations.front());
    return plan.certificate;
  });
}

Certificate quick_solve(const ExportArguments& arguments, const OpenedInstance& opened) {
  SolveOptions options;
  options.work_limit = whole_number("--work-limit", arguments.work_limit, 1, most_whole_number);
  options.stop = &stop_on_signals();
  return about_file(arguments.instance,
                    [&] { return opened.instance->solve(options, support::Meter::Clock::now()).certificate; });
}

// One line for each thing known, as in the .solu files of MIPLIB.
std::string solu_text(const Certificate& certificate, const std::string& name) {
  const auto line = [&](const char* what, double value) {
    return std::string(what) + " " + name + " " + support::number_text(value) + "\n";
  };
  switch (certificate.status) {
    case Status::optimal:
      return line("=opt=", *certificate.objective);
    case Status::infeasible:
      return "=inf= " + name + "\n";
    case Status::feasible:
      return line("=best=", *certificate.objective) +
             (certificate.bound ? line("=bestdual=", *certificate.bound) : std::string());
    case Status::unknown:
      break;
  }
  return "=unkn= " + name + "\n" + (certificate.bound ? line("=bestdual=", *certificate.bound) : std::string());
}

int write_program(const ExportArguments& arguments) {
  require_outputs(arguments);
  if (arguments.plan) refuse_two_standard_inputs(arguments.instance, *arguments.plan);
  std::optional<double> cutoff;
  if (arguments.cutoff) cutoff = real_number("--cutoff", *arguments.cutoff, 0, 1e300, "a number of seconds, 0 or more");
  const OpenedInstance opened = open_instance(arguments.instance, arguments.format);
  std::string solu;
  const std::string name = model_name(opened.instance->name());
  if (arguments.solu) {
    solu = solu_text(arguments.plan ? checked_plan(arguments, opened) : quick_solve(arguments, opened), name);
  }
  const auto program = about_file(arguments.instance, [&] { return opened.instance->integer_program(cutoff); });
  const solvers::mip::Model& model = program->model();
  if (arguments.mps) write_output(*arguments.mps, solvers::mip::mps_text(model, name));
  if (arguments.lp) write_output(*arguments.lp, solvers::mip::lp_text(model, name));
  if (arguments.solu) write_output(*arguments.solu, solu);
  print_note("Integer program: " + std::to_string(model.variables()) + " variables, " + std::to_string(model.rows()) +
             " rows, " + std::to_string(model.entries()) + " entries\n");
  return exit_done;
}

}  // namespace

Verb add_export(CLI::App& program) {
  CLI::App* command = program.add_subcommand("export", "Write the integer program of an instance for other solvers");
  command->footer(
      "Example:\n  plimsoll export instance.json --mps instance.mps --solu instance.solu\n"
      "  cbc instance.mps solve solution instance.txt\n"
      "  plimsoll check instance.json --solution instance.txt --from cbc");
  const auto arguments = std::make_shared<ExportArguments>();
  command->add_option("INSTANCE", arguments->instance, "The instance file, - for standard input")->required();
  command->add_option("--format", arguments->format, "Of the instance file: " + known_formats())
      ->type_name("FORMAT")
      ->capture_default_str();
  command->add_option("--mps", arguments->mps, "Write free MPS, - for standard output")->type_name("FILE");
  command->add_option("--lp", arguments->lp, "Write CPLEX LP, - for standard output")->type_name("FILE");
  command->add_option("--solu", arguments->solu, "Write what is known about the optimum")->type_name("FILE");
  command->add_option("--plan", arguments->plan, "Take that from this plan instead of a quick solve")
      ->type_name("PLAN");
  command->add_option("--work-limit", arguments->work_limit, "Elementary steps of the quick solve")
      ->type_name("N")
      ->capture_default_str();
  command->add_option("--cutoff", arguments->cutoff, "Leave out what no plan of at most this objective needs")
      ->type_name("SECONDS");
  return {command, [arguments] { return write_program(*arguments); }};
}

}  // namespace plimsoll::cli
