#include "cli/compare_rolling.hpp"

#include <limits>
#include <memory>
#include <optional>
#include <utility>

#include "cli/arguments.hpp"
#include "cli/compare_reports.hpp"
#include "cli/errors.hpp"
#include "cli/machine.hpp"
#include "planner/common/rolling.hpp"
#include "planner/compare/rolling/rolling.hpp"
#include "plimsoll/solve.hpp"
#include "support/markup.hpp"

namespace plimsoll::cli {
namespace {

using compare::RollingComparison;
using compare::RollingEntry;
using compare::RollingInstance;

struct Opened {
  OpenedInstance document;
  std::unique_ptr<common::RollingPlanner> planner;
};

// Plans are functions of instance, method, work and seed; whatever is about runs as processes has no place here.
void refuse_what_needs_runs(const CompareArguments& arguments) {
  const auto refuse = [](const char* option, const char* advice) {
    throw Error(ErrorCode::usage, std::string(option) + " does not go with --rolling", {}, advice);
  };
  if (arguments.time_limit) refuse("--time-limit", "Maybe give --work-limit, for each plan.");
  if (arguments.best) refuse("--best", "");
  if (arguments.resume) refuse("--resume", "");
  if (arguments.kill_after) refuse("--kill-after", "");
  if (arguments.seeds != "1") refuse("--seeds", "");
  if (arguments.jobs != "1") refuse("--jobs", "Maybe give --threads.");
  if (arguments.gap != "0") refuse("--gap", "");
}

// Nothing: no limit.
using Budgets = std::vector<std::optional<std::int64_t>>;

Budgets budgets_of(const CompareArguments& arguments) {
  if (!arguments.max_moves) return {std::nullopt};
  Budgets budgets;
  for (const std::string& word : split_names("--max-moves", *arguments.max_moves)) {
    if (word == "none") {
      budgets.emplace_back();
    } else {
      constexpr std::uint64_t most = 1'000'000'000'000;
      budgets.emplace_back(static_cast<std::int64_t>(whole_number("--max-moves", word, 0, most)));
    }
  }
  return budgets;
}

std::vector<Opened> open_all(const CompareArguments& arguments, RollingComparison& comparison) {
  std::vector<Opened> list;
  for (const std::string& path : arguments.instances) {
    Opened opened{open_instance(path, arguments.format), nullptr};
    refuse_same_instance(comparison.instances, path, opened.document.sha256);
    opened.planner = about_file(path, [&] {
      auto planner = opened.document.instance->rolling();
      if (planner->microsteps() > comparison.window) return planner;
      throw Error(ErrorCode::usage, "--rolling " + std::to_string(comparison.window) +
                                        " leaves nothing to plan for: the instance has " +
                                        std::to_string(planner->microsteps()) + " micro-steps");
    });
    RollingInstance instance;
    instance.path = support::legible(path);
    instance.problem = opened.document.kind->name;
    instance.sha256 = opened.document.sha256;
    instance.name = name_of(opened.document, path);
    instance.microsteps = opened.planner->microsteps();
    comparison.instances.push_back(std::move(instance));
    list.push_back(std::move(opened));
  }
  part_names(comparison.instances);
  return list;
}

std::vector<std::string> methods_to_run(const CompareArguments& arguments, const std::vector<Opened>& opened) {
  if (!arguments.methods) return opened.front().planner->usual_methods();
  std::vector<common::MethodList> lists;
  for (const Opened& one : opened) lists.push_back(one.planner->methods());
  return chosen_methods(arguments, lists);
}

// A method with each budget; once where it takes no limit.
std::vector<RollingEntry> entries_of(const common::RollingPlanner& planner, const std::string& method,
                                     const Budgets& budgets, common::RollingOptions options) {
  std::vector<RollingEntry> entries;
  options.solve.method = method;
  for (const auto& budget : budgets) {
    options.max_moves = budget;
    RollingEntry entry{method, budget, planner.run(options)};
    const bool once = budget && !entry.run.keeps_limit;  // the other limits would change nothing
    entries.push_back(std::move(entry));
    if (once) break;
  }
  return entries;
}

}  // namespace

int compare_rolling(const CompareArguments& arguments) {
  check_inputs(arguments);
  refuse_what_needs_runs(arguments);
  RollingComparison comparison;
  comparison.title = support::legible(arguments.title);
  comparison.command = command_line();
  comparison.version = version();
  comparison.window = static_cast<int>(
      whole_number("--rolling", *arguments.rolling, 1, static_cast<std::uint64_t>(std::numeric_limits<int>::max())));
  const Budgets budgets = budgets_of(arguments);
  common::RollingOptions options;
  options.window = comparison.window;
  if (arguments.work_limit) {
    comparison.work_limit = whole_number("--work-limit", *arguments.work_limit, 1, most_whole_number);
  }
  options.solve.work_limit = comparison.work_limit;
  options.solve.threads = static_cast<int>(whole_number("--threads", arguments.threads, 1, 1024));
  check_outputs(arguments);

  const std::vector<Opened> opened = open_all(arguments, comparison);
  const std::vector<std::string> methods = methods_to_run(arguments, opened);
  StatusLine line(error_is_terminal() && !arguments.quiet);
  for (std::size_t k = 0; k < opened.size(); ++k) {
    RollingInstance& instance = comparison.instances[k];
    instance.least = opened[k].planner->least_imbalance();
    for (std::size_t method = 0; method < methods.size(); ++method) {
      options.progress = [&](int microstep) {
        line.show("method " + std::to_string(method + 1) + " of " + std::to_string(methods.size()) + ": " +
                  methods[method] + " on " + instance.name + ", micro-step " + std::to_string(microstep) + " of " +
                  std::to_string(instance.microsteps));
      };
      for (auto& entry : entries_of(*opened[k].planner, methods[method], budgets, options)) {
        instance.entries.push_back(std::move(entry));
      }
    }
  }
  line.clear();
  write_reports(arguments, comparison);
  return end_with(compare::faults(comparison));
}

}  // namespace plimsoll::cli
