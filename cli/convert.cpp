#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "cli/documents.hpp"
#include "cli/errors.hpp"
#include "cli/summary.hpp"
#include "cli/terminal.hpp"
#include "cli/verbs.hpp"
#include "planner/common/conversion.hpp"
#include "support/file.hpp"
#include "support/text.hpp"

namespace plimsoll::cli {
namespace {

struct ConvertArguments {
  std::string input;
  std::optional<std::string> output;
  std::optional<std::string> from;
  std::optional<std::string> to;
  std::optional<std::string> instance;
  bool quiet = false;
  common::ConvertValues given;  // the problems' own options
};

struct Found {
  const common::ProblemKind* kind = nullptr;
  const common::Conversions* conversions = nullptr;
  const common::ForeignFormat* format = nullptr;
};

enum class Direction { in, out };

bool takes(const common::ForeignFormat& format, Direction direction) {
  return direction == Direction::in ? format.reads : format.writes;
}

// The format of this name of any problem, or of the given one.
Found find_format(const std::string& name, Direction direction, const common::ProblemKind* of) {
  const std::string option = direction == Direction::in ? "--from" : "--to";
  std::vector<std::string> names;
  std::string known;
  for (const auto& kind : problems()) {
    if (kind.conversions == nullptr || (of != nullptr && of != &kind)) continue;
    for (const auto& format : kind.conversions()->formats) {
      if (!takes(format, direction)) continue;
      if (format.name == name) return {&kind, kind.conversions(), &format};
      names.emplace_back(format.name);
      known += (known.empty() ? "" : ", ") + names.back();
    }
  }
  const std::string meant = support::nearest(name, names);
  throw Error(ErrorCode::usage,
              option + ": " + support::in_quotes(name) +
                  (known.empty() ? " is not known: this problem has no formats of others"
                                 : " is no known format; known: " + known),
              {}, meant.empty() ? "Maybe see 'plimsoll convert --help'." : "Maybe '" + meant + "' was meant.");
}

// An option that changes nothing would be a misunderstanding that nobody sees.
void refuse_idle_options(const ConvertArguments& arguments, const common::ForeignFormat& format, Direction direction) {
  const auto& known = direction == Direction::in ? format.read_options : format.write_options;
  for (const auto& [name, values] : arguments.given) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    throw Error(ErrorCode::usage, "--" + name + " has no meaning with " +
                                      (direction == Direction::in ? "--from " : "--to ") + std::string(format.name));
  }
}

void refuse_same_standard_input(const std::string& input, const std::string& instance) {
  if (input == "-" && instance == "-") {
    throw Error(ErrorCode::usage, "only one of INPUT and --instance can be standard input");
  }
}

void require_other_file(const std::string& output, const std::string& input) {
  std::error_code ignored;
  if (output == "-" || input == "-" || !std::filesystem::equivalent(output, input, ignored)) return;
  throw Error(ErrorCode::file, "cannot write " + support::in_quotes(output, 400) + ": it is read here, too", {},
              "Maybe name another file.");
}

// As about_file, but what is wrong with the command line is not said about a file.
template <class Action>
auto about_input(const std::string& source, Action&& action) {
  try {
    return action();
  } catch (const FileFault&) {
    throw;
  } catch (const Error& error) {
    if (error.code() == ErrorCode::file || error.code() == ErrorCode::usage) throw;
    throw FileFault(source, error);
  }
}

std::string checked_output(const ConvertArguments& arguments) {
  if (!arguments.output && output_is_terminal()) {
    throw Error(ErrorCode::usage, "where should the result go?", {}, "Maybe add -o FILE, or -o - to print it here.");
  }
  std::string output = arguments.output.value_or("-");
  require_other_file(output, arguments.input);
  require_writable(output, arguments.instance.value_or("-"));
  return output;
}

int finish(const ConvertArguments& arguments, const std::string& output, const common::Converted& converted) {
  write_output(output, converted.text);
  if (arguments.quiet) return exit_done;
  for (const std::string& note : converted.notes) print_note(note + "\n");
  return exit_done;
}

int convert_in(const ConvertArguments& arguments) {
  const Found found = find_format(*arguments.from, Direction::in, nullptr);
  refuse_idle_options(arguments, *found.format, Direction::in);
  if (arguments.instance) refuse_same_standard_input(arguments.input, *arguments.instance);
  const std::string output = checked_output(arguments);
  std::optional<OpenedInstance> base;
  if (arguments.instance) {
    base = open_instance(*arguments.instance);
    if (base->kind != found.kind) {
      throw Error(ErrorCode::usage, "--instance is of the problem " + std::string(base->kind->name) + ", " +
                                        std::string(found.format->name) + " is a format of " +
                                        std::string(found.kind->name));
    }
  }
  const std::string text = support::read_file(arguments.input);
  return finish(arguments, output, about_input(arguments.input, [&] {
                  return found.conversions->read(found.format->name, text, base ? &base->document : nullptr,
                                                 arguments.given);
                }));
}

int convert_out(const ConvertArguments& arguments) {
  static_cast<void>(find_format(*arguments.to, Direction::out, nullptr));
  if (!arguments.instance) {
    throw Error(ErrorCode::usage, "a plan is read with its instance", {}, "Maybe add --instance INSTANCE.");
  }
  refuse_same_standard_input(arguments.input, *arguments.instance);
  const std::string output = checked_output(arguments);
  const OpenedInstance opened = open_instance(*arguments.instance);
  const Found found = find_format(*arguments.to, Direction::out, opened.kind);
  refuse_idle_options(arguments, *found.format, Direction::out);
  const OpenedPlan plan = open_plan(arguments.input, opened);
  const std::string source = arguments.input == "-" ? "standard input" : arguments.input;
  if (!plan.has_plan()) {
    report(source, "", "no plan to convert: " + plan.why_none(), "");
    return exit_wrong;
  }
  const auto violations =
      about_file(arguments.input, [&] { return opened.instance->check(plan.document.json, plan.certificate); });
  if (!violations.empty()) {
    const std::size_t more = violations.size() - 1;
    report(source, "", "the plan does not hold: " + violations.front(),
           (more > 0 ? "There are " + std::to_string(more) + " more. " : "") + "Maybe see 'plimsoll check'.");
    return exit_wrong;
  }
  return finish(arguments, output, about_input(arguments.input, [&] {
                  return found.conversions->write(found.format->name, opened.document, plan.document.json,
                                                  arguments.given);
                }));
}

int convert(const ConvertArguments& arguments) {
  if (arguments.from.has_value() == arguments.to.has_value()) {
    throw Error(ErrorCode::usage, "one of --from FORMAT and --to FORMAT is needed", {},
                "Maybe see 'plimsoll convert --help'.");
  }
  return arguments.from ? convert_in(arguments) : convert_out(arguments);
}

std::string list_of_formats() {
  std::string text;
  for (const auto& kind : problems()) {
    if (kind.conversions == nullptr) continue;
    std::vector<std::pair<std::string, std::string>> lines;
    for (const auto& format : kind.conversions()->formats) {
      const std::string ways = format.reads && format.writes ? "in, out" : format.reads ? "in     " : "out    ";
      lines.emplace_back("  " + std::string(format.name), ways + "  " + std::string(format.help));
    }
    text += "Formats of " + std::string(kind.name) + ":\n" + aligned(lines) + "\n";
  }
  return text;
}

}  // namespace

Verb add_convert(CLI::App& program) {
  CLI::App* command = program.add_subcommand("convert", "Other people's formats: loads and placements in, plans out");
  command->footer(list_of_formats() +
                  "Example:\n"
                  "  plimsoll convert loads.csv --from csv --nodes 4 --devices-per-node 8 --slots 9 -o instance.json\n"
                  "  plimsoll convert plan.json --to trtllm --instance instance.json -o balancer.yaml");
  const auto arguments = std::make_shared<ConvertArguments>();
  command->add_option("INPUT", arguments->input, "The file to convert, - for standard input")->required();
  command->add_option("-o,--output", arguments->output, "Where the result goes, - for standard output")
      ->type_name("OUTPUT");
  command->add_option("--from", arguments->from, "INPUT is a file of this format and becomes an instance")
      ->type_name("FORMAT");
  command->add_option("--to", arguments->to, "INPUT is a plan and becomes a file of this format")->type_name("FORMAT");
  command
      ->add_option("--instance", arguments->instance,
                   "The plan's instance; with --from, the instance whose loads or placement are replaced")
      ->type_name("INSTANCE");
  command->add_flag("--quiet", arguments->quiet, "Nothing but errors on standard error");
  for (const auto& kind : problems()) {
    if (kind.conversions == nullptr) continue;
    for (const auto& option : kind.conversions()->options) {
      const std::string name(option.name);
      if (command->get_option_no_throw("--" + name) != nullptr) continue;  // another problem has it, too
      command
          ->add_option_function<std::vector<std::string>>(
              "--" + name,
              [arguments, name](const std::vector<std::string>& values) { arguments->given[name] = values; },
              std::string(option.help))
          ->type_name(std::string(option.value))
          ->expected(1)
          ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
          ->group("Options of " + std::string(kind.name));
    }
  }
  return {command, [arguments] { return convert(*arguments); }};
}

}  // namespace plimsoll::cli
