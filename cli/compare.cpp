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
#include "support/text.hpp"

namespace plimsoll::cli {
namespace {

namespace fs = std::filesystem;
using compare::Comparison;

constexpr double default_time_limit = 10;

struct CompareArguments {
  std::vector<std::string> instances;
  std::optional<std::string> methods;
  std::optional<std::string> work_limit;
  std::optional<std::string> time_limit;
  std::string seeds = "1";
  std::string threads = "1";
  std::string gap = "0";
  std::string jobs = "1";
  std::string format = "json";
  std::optional<std::string> kill_after;
  std::optional<std::string> best;
  std::optional<std::string> resume;
  std::optional<std::string> csv;
  std::optional<std::string> json;
  std::optional<std::string> markdown;
  std::optional<std::string> html;
  std::string title;
  bool quiet = false;

  // Option and path of each output that was asked for.
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> outputs() const {
    std::vector<std::pair<std::string, std::string>> list;
    const auto add = [&](const char* option, const std::optional<std::string>& path) {
      if (path) list.emplace_back(option, *path);
    };
    add("--csv", csv);
    add("--json", json);
    add("--markdown", markdown);
    add("--html", html);
    return list;
  }
};

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
  ~WorkFolder() {
    std::error_code ignored;
    if (!kept_) fs::remove_all(path_, ignored);
  }
  [[nodiscard]] const std::string& path() const { return path_; }
  void keep() { kept_ = true; }

 private:
  std::string path_;
  bool kept_ = false;
};

bool same_file(const std::string& a, const std::string& b) {
  std::error_code ignored;
  return a == b || fs::equivalent(a, b, ignored) ||
         fs::weakly_canonical(a, ignored) == fs::weakly_canonical(b, ignored);
}

std::vector<std::string> split_names(const std::string& list) {
  std::vector<std::string> names;
  std::size_t begin = 0;
  while (begin <= list.size()) {
    const std::size_t end = std::min(list.find(',', begin), list.size());
    std::string name = list.substr(begin, end - begin);
    name.erase(0, name.find_first_not_of(" \t"));
    name.erase(name.find_last_not_of(" \t") + 1);
    if (name.empty()) {
      throw Error(ErrorCode::usage, "--methods: expected names parted by commas, got " + support::in_quotes(list), {},
                  "Maybe see 'plimsoll methods'.");
    }
    if (std::find(names.begin(), names.end(), name) != names.end()) {
      throw Error(ErrorCode::usage, "--methods: " + support::in_quotes(name) + " stands there twice");
    }
    names.push_back(std::move(name));
    begin = end + 1;
  }
  return names;
}

std::vector<std::string> methods_of(const common::ProblemKind& kind) {
  std::vector<std::string> names;
  for (const auto& method : kind.methods()) names.emplace_back(method.name);
  return names;
}

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

void require_method(const std::string& name, const common::ProblemKind& kind) {
  const auto known = methods_of(kind);
  if (contains(known, name)) return;
  std::string list;
  for (const std::string& one : known) list += (list.empty() ? "" : ", ") + one;
  const std::string meant = support::nearest(name, known);
  throw Error(
      ErrorCode::usage,
      "--methods: " + support::in_quotes(name) + " is no method of " + std::string(kind.name) + "; known: " + list, {},
      meant.empty() ? "" : "Maybe '" + meant + "' was meant.");
}

std::vector<std::string> chosen_methods(const CompareArguments& arguments,
                                        const std::vector<const common::ProblemKind*>& kinds) {
  if (arguments.methods) {
    auto names = split_names(*arguments.methods);
    for (const auto* kind : kinds) {
      for (const std::string& name : names) require_method(name, *kind);
    }
    return names;
  }
  std::vector<std::string> common = methods_of(*kinds.front());
  for (const auto* kind : kinds) {
    const auto known = methods_of(*kind);
    std::erase_if(common, [&](const std::string& name) { return !contains(known, name); });
  }
  if (common.empty()) throw Error(ErrorCode::usage, "the instances are of problems that have no method in common");
  return common;
}

compare::Limits limits_of(const CompareArguments& arguments) {
  compare::Limits limits;
  if (arguments.work_limit) {
    limits.work_limit = whole_number("--work-limit", *arguments.work_limit, 1, most_whole_number);
  }
  if (arguments.time_limit) {
    limits.time_limit_seconds =
        real_number("--time-limit", *arguments.time_limit, std::numeric_limits<double>::denorm_min(), 1e9,
                    "a number of seconds above 0");
  }
  if (!arguments.work_limit && !arguments.time_limit) limits.time_limit_seconds = default_time_limit;
  limits.threads = static_cast<int>(whole_number("--threads", arguments.threads, 1, 1024));
  limits.gap = real_number("--gap", arguments.gap, 0, 1, "a number from 0 to 1");
  limits.version = version();
  return limits;
}

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

// A path that names a folder means the journal in it.
std::string journal_path(const std::string& resume) {
  if (resume.empty() || resume == "-") {
    throw Error(ErrorCode::usage, "--resume: expected a file or a folder, got " + support::in_quotes(resume));
  }
  std::error_code ignored;
  return fs::is_directory(resume, ignored) ? (fs::path(resume) / "journal.jsonl").string() : resume;
}

// Whatever would fail at the end fails now, before hours of runs.
void check_outputs(const CompareArguments& arguments) {
  const auto outputs = arguments.outputs();
  for (std::size_t k = 0; k < outputs.size(); ++k) {
    const auto& [option, path] = outputs[k];
    for (std::size_t other = 0; other < k; ++other) {
      if (!same_file(path, outputs[other].second)) continue;
      throw Error(ErrorCode::usage, outputs[other].first + " and " + option + " both write to " +
                                        (path == "-" ? "standard output" : support::in_quotes(path, 400)));
    }
    require_writable(path);
    if (path == "-") continue;
    for (const std::string& instance : arguments.instances) require_writable(path, instance);
    if (arguments.best && *arguments.best != "-" && same_file(path, *arguments.best)) {
      throw Error(ErrorCode::usage, option + " would overwrite the file of --best");
    }
    if (arguments.resume && same_file(path, journal_path(*arguments.resume))) {
      throw Error(ErrorCode::usage, option + " would overwrite the file of --resume");
    }
  }
  if (arguments.resume) {
    for (const std::string& instance : arguments.instances) require_writable(journal_path(*arguments.resume), instance);
  }
}

void check_inputs(const CompareArguments& arguments) {
  std::vector<std::string> seen;
  for (const std::string& path : arguments.instances) {
    if (contains(seen, path)) throw Error(ErrorCode::usage, support::in_quotes(path, 400) + " is given twice");
    seen.push_back(path);
  }
  if (arguments.best == "-" && contains(seen, "-")) {
    throw Error(ErrorCode::usage, "only one of INSTANCE and --best can be standard input");
  }
  if (arguments.format != "json") {
    throw Error(ErrorCode::usage, "--format: expected one of json, got " + support::in_quotes(arguments.format));
  }
}

std::string own_name(const std::string& name, const std::string& path) {
  if (!name.empty()) return name;
  return path == "-" ? "standard input" : fs::path(path).stem().string();
}

// Opens every instance once: its name, problem and identity, and what is known about it.
void open_instances(const CompareArguments& arguments, const std::vector<compare::Reference>& references,
                    const WorkFolder& folder, Comparison& comparison, std::vector<const common::ProblemKind*>& kinds,
                    std::vector<std::string>& inputs) {
  std::vector<std::string> names;
  for (const std::string& path : arguments.instances) {
    const OpenedInstance opened = open_instance(path);
    for (const compare::Instance& other : comparison.instances) {
      if (other.sha256 != opened.sha256) continue;
      throw Error(ErrorCode::usage, support::in_quotes(other.path, 400) + " and " + support::in_quotes(path, 400) +
                                        " are the same instance");
    }
    std::string input;
    if (path == "-") {
      input = folder.path() + "/input";
      support::write_file_whole(input, opened.document.text);
    }
    inputs.push_back(input);
    compare::Instance instance;
    instance.path = path;
    instance.problem = opened.kind->name;
    instance.sha256 = opened.sha256;
    instance.name = own_name(opened.instance->name(), path);
    if (arguments.best) {
      instance.reference = about_file(*arguments.best, [&] {
        return compare::find_reference(references, opened.instance->name(), path == "-" ? std::string() : path);
      });
    }
    names.push_back(instance.name);
    comparison.instances.push_back(std::move(instance));
    if (std::find(kinds.begin(), kinds.end(), opened.kind) == kinds.end()) kinds.push_back(opened.kind);
  }
  for (compare::Instance& instance : comparison.instances) {
    if (std::count(names.begin(), names.end(), instance.name) > 1) instance.name += " (" + instance.path + ")";
  }
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

void write_reports(const CompareArguments& arguments, const compare::Report& report) {
  if (arguments.csv) write_output(*arguments.csv, compare::to_csv(report));
  if (arguments.json) write_output(*arguments.json, compare::to_json(report));
  if (arguments.markdown) write_output(*arguments.markdown, compare::to_markdown(report));
  if (arguments.html) write_output(*arguments.html, compare::to_html(report));
  bool printed = false;
  for (const auto& [option, path] : arguments.outputs()) printed = printed || path == "-";
  if (!printed) print_data(compare::to_text(report));
}

int compare_methods(const CompareArguments& arguments) {
  check_inputs(arguments);
  Comparison comparison;
  comparison.title = arguments.title;
  comparison.command = command_line();
  comparison.references = arguments.best.value_or("");
  comparison.limits = limits_of(arguments);
  RunOptions options = run_options(arguments, comparison.limits);
  const auto seeds = whole_number("--seeds", arguments.seeds, 1, 10000);
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) comparison.seeds.push_back(seed);
  if (arguments.methods) split_names(*arguments.methods);  // a typing error is said before any file is opened
  check_outputs(arguments);

  WorkFolder folder;
  options.folder = folder.path();
  std::vector<const common::ProblemKind*> kinds;
  open_instances(arguments, read_best(arguments.best), folder, comparison, kinds, options.inputs);
  comparison.methods = chosen_methods(arguments, kinds);

  JournalFile journal(arguments.resume ? journal_path(*arguments.resume) : folder.path() + "/journal.jsonl");
  options.stop = &stop_on_signals();
  {
    Watch watch(error_is_terminal() && !arguments.quiet, comparison.limits, options.jobs);
    options.progress = [&](const Progressed& now) { watch.show(now); };
    if (!make_runs(comparison, journal, options)) {
      watch.clear();
      if (!arguments.resume) folder.keep();
      end_interrupted(arguments, journal.path());
    }
  }
  const compare::Report report = compare::make_report(std::move(comparison));
  write_reports(arguments, report);
  if (report.faults.empty()) return exit_done;
  print_note("plimsoll: " + std::to_string(report.faults.size()) +
             (report.faults.size() == 1 ? " fault: " : " faults, the first: ") + report.faults.front().sentence + "\n");
  return exit_wrong;
}

}  // namespace

Verb add_compare(CLI::App& program) {
  CLI::App* command =
      program.add_subcommand("compare", "Run methods against each other on instances and report what came of it");
  command->footer(
      "Each run is a process of its own, and each plan is checked by another. Exit code 1: a plan that the checker\n"
      "refuses, a bound above a plan, proofs that contradict each other or --best, or a run that crashed.\n\n"
      "Example:\n  plimsoll compare instances/*.json --methods auto,local --time-limit 10 --html report.html");
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
  text("--csv", arguments->csv, "Write a row per run", "FILE");
  text("--json", arguments->json, "Write everything", "FILE");
  text("--markdown", arguments->markdown, "Write the findings and tables", "FILE");
  text("--html", arguments->html, "Write one page with tables and plots that needs no other file", "FILE");
  text("--title", arguments->title, "Of the report", "TEXT");
  text("--format", arguments->format, "Of the instance files", "FORMAT")->capture_default_str();
  command->add_flag("--quiet", arguments->quiet, "No progress on a terminal");
  return {command, [arguments] { return compare_methods(*arguments); }};
}

}  // namespace plimsoll::cli
