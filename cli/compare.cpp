#include <signal.h>
#include <stdlib.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "cli/arguments.hpp"
#include "cli/compare_arguments.hpp"
#include "cli/compare_reports.hpp"
#include "cli/compare_rolling.hpp"
#include "cli/compare_runs.hpp"
#include "cli/documents.hpp"
#include "cli/errors.hpp"
#include "cli/interrupt.hpp"
#include "cli/machine.hpp"
#include "cli/terminal.hpp"
#include "cli/verbs.hpp"
#include "planner/compare/reference.hpp"
#include "planner/compare/report.hpp"
#include "plimsoll/solve.hpp"
#include "support/file.hpp"
#include "support/markup.hpp"
#include "support/text.hpp"

namespace plimsoll::cli {
namespace {

namespace fs = std::filesystem;
using compare::Comparison;

// A folder for plans and traces that goes away with the comparison.
class WorkFolder {
 public:
  WorkFolder() {
    std::error_code error;
    std::string pattern = (fs::temp_directory_path(error) / "plimsoll-compare-XXXXXX").string();
    if (error || ::mkdtemp(pattern.data()) == nullptr) {
      throw Error(ErrorCode::file,
                  "cannot make a folder for temporary files: " + std::generic_category().message(errno), {},
                  "Maybe set TMPDIR to a folder that can be written.");
    }
    path_ = pattern;
  }
  WorkFolder(const WorkFolder&) = delete;
  WorkFolder& operator=(const WorkFolder&) = delete;
  ~WorkFolder() { remove(); }
  void remove() const noexcept {
    std::error_code ignored;
    if (!kept_) fs::remove_all(path_, ignored);
  }
  [[nodiscard]] const std::string& path() const { return path_; }
  void keep() { kept_ = true; }

 private:
  std::string path_;
  bool kept_ = false;
};

RunOptions run_options(const CompareArguments& arguments, const compare::Limits& limits) {
  RunOptions options;
  options.jobs = static_cast<int>(whole_number("--jobs", arguments.jobs, 1, 1024));
  options.kill_after_seconds = limits.time_limit_seconds ? 2 * *limits.time_limit_seconds + 60 : 3600;
  if (arguments.kill_after) {
    options.kill_after_seconds =
        real_number("--kill-after", *arguments.kill_after, 1e-6, 1e9, "a number of seconds above 0");
  }
  options.format = arguments.format;
  options.machine = machine_in_words();
  return options;
}

// Opens every instance once: its name, problem and identity, and what is known about it.
void open_instances(const CompareArguments& arguments, const std::vector<compare::Reference>& references,
                    const WorkFolder& folder, Comparison& comparison, std::vector<common::MethodList>& kinds,
                    RunOptions& options) {
  for (const std::string& path : arguments.instances) {
    const OpenedInstance opened = open_instance(path, arguments.format);
    refuse_same_instance(comparison.instances, path, opened.sha256);
    std::string input;
    if (path == "-") {
      input = folder.path() + "/input";
      support::write_file_whole(input, opened.document.text);
    }
    options.inputs.push_back(input);
    options.paths.push_back(path);
    compare::Instance instance;
    instance.path = support::legible(path);
    instance.problem = opened.kind->name;
    instance.sha256 = opened.sha256;
    instance.name = name_of(opened, path);
    if (arguments.best) {
      instance.reference = about_file(*arguments.best, [&] {
        return compare::find_reference(references, opened.instance->name(), path == "-" ? std::string() : path);
      });
    }
    comparison.instances.push_back(std::move(instance));
    common::MethodList methods = opened.instance->methods();
    const bool seen = std::any_of(kinds.begin(), kinds.end(), [&](const auto& kind) { return kind.of == methods.of; });
    if (!seen) kinds.push_back(std::move(methods));
  }
  part_names(comparison.instances);
}

std::vector<compare::Reference> read_best(const std::optional<std::string>& path) {
  if (!path) return {};
  const std::string text = support::read_file(*path);
  return about_file(*path, [&] { return compare::read_references(text, compare::reference_format(*path, text)); });
}

std::string clock_text(double seconds) {
  const auto whole = static_cast<long long>(seconds + 0.5);
  const auto two = [](long long part) { return (part < 10 ? "0" : "") + std::to_string(part); };
  if (whole >= 3600) return std::to_string(whole / 3600) + ":" + two(whole / 60 % 60) + ":" + two(whole % 60);
  return std::to_string(whole / 60) + ":" + two(whole % 60);
}

// "12 of 96 runs, 1:23 so far, about 9:40 to go: local on gap-a"
class Watch {
 public:
  Watch(bool enabled, const compare::Limits& limits, int jobs)
      : line_(enabled), limit_(limits.time_limit_seconds), jobs_(jobs) {}

  void show(const Progressed& now) {
    const double passed = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
    if (passed - drawn_ < 0.1) return;
    drawn_ = passed;
    if (!first_) first_ = now.done;
    const auto left = static_cast<double>(now.all - now.done);
    std::optional<double> to_go;
    if (now.done > *first_) {
      to_go = passed / static_cast<double>(now.done - *first_) * left;
    } else if (limit_) {
      to_go = *limit_ * left / jobs_;
    }
    line_.show(std::to_string(now.done) + " of " + std::to_string(now.all) + " runs, " + clock_text(passed) +
               " so far" + (to_go ? ", about " + clock_text(*to_go) + " to go" : "") + ": " + now.now);
  }
  void clear() { line_.clear(); }

 private:
  StatusLine line_;
  std::optional<double> limit_;
  int jobs_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  double drawn_ = -1;
  std::optional<std::size_t> first_;
};

// The shell has to see that it was a signal, so that a script that runs this stops, too.
[[noreturn]] void end_interrupted(const CompareArguments& arguments, const std::string& journal) {
  print_note("plimsoll: interrupted; what has ended is kept. To go on: " + command_line() +
             (arguments.resume ? "" : " --resume " + journal) + "\n");
  ::signal(SIGINT, SIG_DFL);
  ::raise(SIGINT);
  throw Error(ErrorCode::internal, "still here after an interrupt");
}

int compare_methods(const CompareArguments& arguments) {
  if (arguments.rolling) return compare_rolling(arguments);
  if (arguments.max_moves) throw Error(ErrorCode::usage, "--max-moves needs --rolling");
  check_inputs(arguments);
  Comparison comparison;
  comparison.title = support::legible(arguments.title);
  comparison.command = command_line();
  comparison.references = support::legible(arguments.best.value_or(""));
  comparison.limits = limits_of(arguments);
  RunOptions options = run_options(arguments, comparison.limits);
  const auto seeds = whole_number("--seeds", arguments.seeds, 1, 10000);
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) comparison.seeds.push_back(seed);
  check_outputs(arguments);

  WorkFolder folder;
  options.folder = folder.path();
  std::vector<common::MethodList> kinds;
  open_instances(arguments, read_best(arguments.best), folder, comparison, kinds, options);
  comparison.methods = chosen_methods(arguments, kinds);

  JournalFile journal(arguments.resume ? journal_path(*arguments.resume) : folder.path() + "/journal.jsonl");
  options.stop = &stop_on_signals();
  {
    Watch watch(error_is_terminal() && !arguments.quiet, comparison.limits, options.jobs);
    options.progress = [&](const Progressed& now) { watch.show(now); };
    if (!make_runs(comparison, journal, options)) {
      watch.clear();
      if (!arguments.resume) folder.keep();
      folder.remove();  // a signal runs no destructors
      end_interrupted(arguments, journal.path());
    }
  }
  const compare::Report report = compare::make_report(std::move(comparison));
  write_reports(arguments, report);
  std::vector<std::string> faults;
  for (const compare::Fault& fault : report.faults) faults.push_back(fault.sentence);
  return end_with(faults);
}

}  // namespace

Verb add_compare(CLI::App& program) {
  CLI::App* command =
      program.add_subcommand("compare", "Run methods against each other on instances and report what came of it");
  command->footer(
      "Each run is a process of its own, and each plan is checked by another. Exit code 1: a plan that the checker\n"
      "refuses, a bound above a plan, proofs that contradict each other or --best, or a run that crashed.\n\n"
      "Examples:\n  plimsoll compare instances/*.json --methods auto,local --time-limit 10 --html report.html\n"
      "  plimsoll compare --rolling 4 --methods eplb,local --max-moves 20,none step.json --html rolling.html");
  const auto arguments = std::make_shared<CompareArguments>();
  command->add_option("INSTANCE", arguments->instances, "Instance files, - for standard input")->required();
  const auto text = [&](const char* name, auto& target, const char* help, const char* type) {
    return command->add_option(name, target, help)->type_name(type);
  };
  text("--methods", arguments->methods,
       "Names parted by commas; all methods of the instances' problem by default "
       "(for several problems: those that all have)",
       "A,B,C");
  text("--time-limit", arguments->time_limit, "For each run; 10 where neither limit is given", "SECONDS");
  text("--work-limit", arguments->work_limit, "For each run: the same plans on every machine", "N");
  text("--seeds", arguments->seeds, "Run each method with the seeds 1 to K", "K")->capture_default_str();
  text("--threads", arguments->threads, "For each run", "N")->capture_default_str();
  text("--gap", arguments->gap, "Stop a run once (plan - bound) / plan is at most this", "X")->capture_default_str();
  text("--jobs", arguments->jobs, "Runs at once; above 1 they disturb each other's times", "J")->capture_default_str();
  text("--kill-after", arguments->kill_after,
       "Kill a process that takes longer; twice the time limit and a minute, or an hour without one", "SECONDS");
  text("--best", arguments->best, "What is known: a .solu file, or a CSV file with best known values", "FILE");
  text("--resume", arguments->resume,
       "Add each run to this journal and skip those that stand in it; a folder means journal.jsonl in it", "FILE");
  text("--rolling", arguments->rolling,
       "Instead: plan on the past W micro-steps, score the next one, again and again; --work-limit is for each plan",
       "W");
  text("--max-moves", arguments->max_moves,
       "With --rolling: moves that each plan may make, or none for no limit; several are compared", "N,N,...");
  text("--csv", arguments->csv, "Write a row per run", "FILE");
  text("--json", arguments->json, "Write everything", "FILE");
  text("--markdown", arguments->markdown, "Write the findings and tables", "FILE");
  text("--html", arguments->html, "Write one page with tables and plots that needs no other file", "FILE");
  text("--title", arguments->title, "Of the report", "WORDS");
  const std::string formats = "Of the instance files: " + known_formats();
  text("--format", arguments->format, formats.c_str(), "FORMAT")->capture_default_str();
  command->add_flag("--quiet", arguments->quiet, "No progress on a terminal");
  return {command, [arguments] { return compare_methods(*arguments); }};
}

}  // namespace plimsoll::cli
