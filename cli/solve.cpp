#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/arguments.hpp"
#include "cli/documents.hpp"
#include "cli/errors.hpp"
#include "cli/interrupt.hpp"
#include "cli/stream.hpp"
#include "cli/summary.hpp"
#include "cli/terminal.hpp"
#include "cli/trace.hpp"
#include "cli/verbs.hpp"
#include "planner/common/plan_file.hpp"

namespace plimsoll::cli {
namespace {

struct SolveArguments {
  std::string instance;
  std::optional<std::string> output;
  std::string method = "auto";
  std::optional<std::string> work_limit;
  std::optional<std::string> time_limit;
  std::string threads = "1";
  std::string seed = "1";
  std::string gap = "0";
  std::string format = "json";
  std::optional<std::string> cost;
  std::optional<std::string> trace;
  bool log = false;
  bool quiet = false;
  bool stream = false;
  std::string lookahead = "0";
};

SolveOptions options_of(const SolveArguments& arguments) {
  SolveOptions options;
  options.method = arguments.method;
  if (arguments.work_limit) {
    options.work_limit = whole_number("--work-limit", *arguments.work_limit, 1, most_whole_number);
  }
  if (arguments.time_limit) {
    options.time_limit_seconds =
        real_number("--time-limit", *arguments.time_limit, std::numeric_limits<double>::denorm_min(),
                    std::numeric_limits<double>::max(), "a number of seconds above 0");
  }
  options.threads = static_cast<int>(whole_number("--threads", arguments.threads, 1, 1024));
  options.seed = whole_number("--seed", arguments.seed, 0, most_whole_number);
  options.gap = real_number("--gap", arguments.gap, 0, 1, "a number from 0 to 1");
  return options;
}

std::string progress_text(const Progress& progress) {
  std::string text = "plan " + (progress.objective ? readable(*progress.objective, 9) : "none yet");
  text += ", bound " + (progress.bound ? readable(*progress.bound, 9) : "none yet");
  if (progress.objective && progress.bound) {
    const double scale = std::max(std::abs(*progress.objective), 1e-12);
    text += ", gap " + percent((*progress.objective - *progress.bound) / scale);
  }
  return text + ", " + fixed(progress.seconds) + " s";
}

common::SolvedPlan solve_watched(const OpenedInstance& opened, const SolveArguments& arguments, SolveOptions options,
                                 support::Meter::Clock::time_point start, Trace& trace) {
  StatusLine line(error_is_terminal() && !arguments.quiet);
  std::optional<double> logged;
  double drawn = -1;  // seconds; drawing more often than can be read would only slow the solve down
  options.stop = &stop_on_signals();
  options.progress = [&](const Progress& progress) {
    trace.add(progress);
    if (arguments.log && progress.objective && progress.objective != logged) {
      logged = progress.objective;
      line.clear();
      print_note(progress_text(progress) + "\n");
    }
    if (progress.seconds - drawn >= 0.1) {
      drawn = progress.seconds;
      line.show(progress_text(progress));
    }
  };
  return about_file(arguments.instance, [&] {
    try {
      return opened.instance->solve(options, start);
    } catch (const Error& error) {
      trace.add(error);
      throw;
    }
  });
}

void print_summary(const common::SolvedPlan& solved, const std::string& note) {
  const Certificate& certificate = solved.certificate;
  std::vector<std::pair<std::string, std::string>> lines{{"status", std::string(common::name_of(certificate.status))}};
  if (certificate.status != Status::optimal) {
    lines.front().second += ", stopped by " + std::string(common::name_of(certificate.stopped_by));
  }
  lines.insert(lines.end(), solved.summary.begin(), solved.summary.end());
  lines.emplace_back("time", fixed(solved.seconds) + " seconds");
  print_note(aligned(lines));
  if (error_is_terminal()) {
    const std::string chart = bar_chart(solved.bars, solved.bar_unit, terminal_width() - 1, locale_is_utf8());
    if (!chart.empty()) print_note("\n" + chart);
  }
  if (!note.empty()) print_note(note + "\n");
}

// Micro-steps come on standard input, one a line, after those of the instance.
int stream(const SolveArguments& arguments) {
  if (arguments.instance == "-") {
    throw Error(ErrorCode::usage, "--stream reads micro-steps from standard input, so the instance must be a file");
  }
  if (arguments.output || arguments.trace || arguments.work_limit || arguments.time_limit) {
    throw Error(ErrorCode::usage,
                "-o, --trace and limits have no meaning with --stream: answers go to standard output");
  }
  const SolveOptions options = options_of(arguments);
  const auto lookahead = whole_number("--lookahead-microsteps", arguments.lookahead, 0, 1'000'000);
  const OpenedInstance opened = open_instance_with_cost(arguments.instance, arguments.format, arguments.cost);
  return about_file(arguments.instance, [&] {
    return run_stream(opened, {static_cast<int>(lookahead), options.seed}, arguments.quiet);
  });
}

int solve(const SolveArguments& arguments, support::Meter::Clock::time_point start) {
  const SolveOptions options = options_of(arguments);
  // A terminal is no place for thousands of numbers, unless asked for with -o -.
  const bool keep_back = !arguments.output && output_is_terminal();
  const std::string output = arguments.output.value_or("-");
  require_writable(output, arguments.instance);
  if (arguments.trace) {
    if (arguments.trace == "-" && !keep_back && output == "-") {
      throw Error(ErrorCode::usage, "only one of the plan and --trace can go to standard output", {},
                  "Maybe add -o PLAN.");
    }
    require_writable(*arguments.trace, arguments.instance);
  }

  const OpenedInstance opened = open_instance_with_cost(arguments.instance, arguments.format, arguments.cost);
  Trace trace(arguments.trace);
  const common::SolvedPlan solved = solve_watched(opened, arguments, options, start, trace);

  const bool has_plan = solved.certificate.status == Status::optimal || solved.certificate.status == Status::feasible;
  if (!keep_back) {
    write_output(
        output, common::write_plan(opened.kind->name, opened.instance->name(), opened.sha256, solved, options.threads));
  }
  if (!arguments.quiet && has_plan) {
    std::string note;
    if (keep_back) note = "The plan was not saved: -o plan.json writes it to a file, -o - prints it here.";
    if (!keep_back && output != "-") note = "The plan stands in " + output;
    print_summary(solved, note);
  }
  if (has_plan) return exit_done;

  const bool infeasible = solved.certificate.status == Status::infeasible;
  const std::string& reason = solved.certificate.reason;
  report(arguments.instance == "-" ? "standard input" : arguments.instance, "",
         (infeasible ? "no plan is possible" : "no plan was found within the limit") +
             (reason.empty() ? "" : ": " + reason),
         infeasible ? "" : "Maybe allow more with --time-limit or --work-limit.");
  return infeasible ? exit_wrong : exit_no_plan;
}

}  // namespace

Verb add_solve(CLI::App& program, support::Meter::Clock::time_point start) {
  CLI::App* command = program.add_subcommand("solve", "Make a plan, with a proven bound on how good any plan can be");
  command->footer("Example:\n  plimsoll solve instance.json -o plan.json --time-limit 10");
  const auto arguments = std::make_shared<SolveArguments>();
  command->add_option("INSTANCE", arguments->instance, "The instance file, - for standard input")->required();
  command->add_option("-o,--output", arguments->output, "Where the plan goes, - for standard output")
      ->type_name("PLAN");
  command->add_option("--method", arguments->method, "How to solve (see: plimsoll methods)")
      ->type_name("NAME")
      ->capture_default_str();
  command
      ->add_option("--work-limit", arguments->work_limit,
                   "Stop after this many elementary steps: the same plan "
                   "on every machine")
      ->type_name("N");
  command->add_option("--time-limit", arguments->time_limit, "Stop after this long, reading included")
      ->type_name("SECONDS");
  command->add_option("--threads", arguments->threads, "Threads to use; never changes the plan")
      ->type_name("N")
      ->capture_default_str();
  command->add_option("--seed", arguments->seed, "Of every random choice")->type_name("N")->capture_default_str();
  command->add_option("--gap", arguments->gap, "Stop once (plan - bound) / plan is at most this")
      ->type_name("X")
      ->capture_default_str();
  command->add_option("--format", arguments->format, "Of the instance file: " + known_formats())
      ->type_name("FORMAT")
      ->capture_default_str();
  add_cost_option(*command, arguments->cost);
  command
      ->add_option("--trace", arguments->trace,
                   "Write a line of JSON for each better plan or bound, - for standard output")
      ->type_name("FILE");
  CLI::Option* stream_flag = command->add_flag(
      "--stream", arguments->stream,
      "Read micro-steps from standard input, a JSON line {\"load\": [[...]]} each, and answer each with a line");
  command
      ->add_option("--lookahead-microsteps", arguments->lookahead,
                   "With --stream: loads are known so many micro-steps before they run")
      ->type_name("K")
      ->capture_default_str()
      ->needs(stream_flag);
  CLI::Option* log = command->add_flag("--log", arguments->log, "One line for each better plan");
  command->add_flag("--quiet", arguments->quiet, "Nothing but errors on standard error")->excludes(log);
  return {command, [arguments, start] { return arguments->stream ? stream(*arguments) : solve(*arguments, start); }};
}

}  // namespace plimsoll::cli
