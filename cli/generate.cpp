#include <map>
#include <memory>
#include <optional>
#include <string>

#include "cli/arguments.hpp"
#include "cli/documents.hpp"
#include "cli/terminal.hpp"
#include "cli/verbs.hpp"
#include "planner/common/problem.hpp"

namespace plimsoll::cli {
namespace {

struct GenerateArguments {
  std::map<std::string, std::string, std::less<>> values;
  std::string seed = "1";
  std::optional<std::string> output;
};

int generate(const common::ProblemKind& kind, const GenerateArguments& arguments) {
  const std::uint64_t seed = whole_number("--seed", arguments.seed, 0, most_whole_number);
  if (!arguments.output && output_is_terminal()) {
    throw Error(ErrorCode::usage, "where should the instance go?", {},
                "Maybe add -o instance.json, or -o - to print it here.");
  }
  const std::string output = arguments.output.value_or("-");
  require_writable(output);
  write_output(output, kind.generate(arguments.values, seed));
  return exit_done;
}

}  // namespace

Verb add_generate(CLI::App& program) {
  CLI::App* command = program.add_subcommand("generate", "Make an instance up from a seed");
  command->footer(
      "Example:\n  plimsoll generate experts --seed 7 -o instance.json\n  plimsoll generate experts --help");
  command->require_subcommand(1);
  const auto formatter = std::make_shared<CLI::Formatter>();
  formatter->label("SUBCOMMAND", "PROBLEM");
  command->formatter(formatter);
  const auto chosen = std::make_shared<std::function<int()>>();
  for (const auto& kind : problems()) {
    const std::string name(kind.name);
    CLI::App* problem = command->add_subcommand(name, std::string(kind.summary));
    problem->group("Problems");
    problem->footer("Example:\n  plimsoll generate " + name + " --seed 7 -o instance.json");
    const auto arguments = std::make_shared<GenerateArguments>();
    for (const auto& option : kind.generate_options()) {
      std::string& value = arguments->values[std::string(option.name)];
      value = option.fallback;
      problem->add_option(std::string("--").append(option.name), value, std::string(option.help))
          ->type_name("VALUE")
          ->capture_default_str();
    }
    problem->add_option("--seed", arguments->seed, "Of every random choice")->type_name("N")->capture_default_str();
    problem->add_option("-o,--output", arguments->output, "Where the instance goes, - for standard output")
        ->type_name("INSTANCE");
    problem->callback(
        [chosen, arguments, &kind] { *chosen = [&kind, arguments] { return generate(kind, *arguments); }; });
  }
  return {command, [chosen] { return (*chosen)(); }};
}

}  // namespace plimsoll::cli
