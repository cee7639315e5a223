// plimsoll: places work in LLM systems and proves how far the placement can be from the best one.
#include <algorithm>
#include <string>
#include <vector>

#include "cli/errors.hpp"
#include "cli/terminal.hpp"
#include "cli/verbs.hpp"
#include "planner/common/problem.hpp"
#include "plimsoll/solve.hpp"
#include "support/text.hpp"

namespace plimsoll::cli {
namespace {

std::string help_advice(const CLI::App& program) {
  std::string command = "plimsoll";
  for (const CLI::App* app = &program; !app->get_subcommands().empty();) {
    app = app->get_subcommands().front();
    command += " " + app->get_name();
  }
  return "Maybe see '" + command + " --help'.";
}

// The parser would call an unknown verb "an argument that was not expected"; this says what is known instead.
void require_known(const CLI::App& program, const std::string& what, const std::string& word) {
  std::vector<std::string> names;
  std::string known;
  for (const CLI::App* command : program.get_subcommands([](const CLI::App*) { return true; })) {
    if (command->get_name() == word) return;
    names.push_back(command->get_name());
    known += (known.empty() ? "" : ", ") + names.back();
  }
  const std::string meant = support::nearest(word, names);
  throw Error(ErrorCode::usage, support::in_quotes(word) + " is no " + what + "; known: " + known, {},
              meant.empty() ? help_advice(program) : "Maybe '" + meant + "' was meant.");
}

void add_version(CLI::App& app) {
  app.set_version_flag("--version", "plimsoll " + version(), "Print the version and leave");
  for (CLI::App* command : app.get_subcommands([](CLI::App*) { return true; })) add_version(*command);
}

int run(int count, char** words, support::Meter::Clock::time_point start) {
  CLI::App program("Places work in LLM systems; every plan comes with a proven bound.", "plimsoll");
  program.footer("Example:\n  plimsoll solve instance.json -o plan.json\n\nplimsoll VERB --help tells more.");
  const std::vector<Verb> verbs{add_solve(program, start), add_check(program),     add_explain(program),
                                add_report(program),       add_methods(program),   add_generate(program),
                                add_convert(program),      add_export(program),    add_compare(program),
                                add_run(program),          add_calibrate(program), add_roofline(program)};
  program.require_subcommand(1);
  program.get_formatter()->label("SUBCOMMAND", "VERB");
  program.get_formatter()->label("REQUIRED", "");
  program.get_formatter()->label("TEXT", "");
  for (const Verb& verb : verbs) verb.command->group("Verbs");
  add_version(program);

  if (count < 2) throw Error(ErrorCode::usage, "a verb is missing", {}, help_advice(program));
  if (words[1][0] != '-') {
    require_known(program, "verb", words[1]);
    if (std::string_view(words[1]) == "generate" && count > 2 && words[2][0] != '-') {
      require_known(*program.get_subcommand("generate"), "problem", words[2]);
    }
  }
  try {
    program.parse(count, words);
  } catch (const CLI::CallForVersion& version) {
    print_data(std::string(version.what()) + "\n");
    return exit_done;
  } catch (const CLI::Success&) {
    print_data(program.help());
    return exit_done;
  } catch (const CLI::ParseError& error) {
    const bool no_verb = program.get_subcommands().empty();
    throw Error(ErrorCode::usage, no_verb ? "no verb before " + support::in_quotes(words[1]) : error.what(), {},
                help_advice(program));
  }
  for (const Verb& verb : verbs) {
    if (verb.command->parsed()) return verb.run();
  }
  throw Error(ErrorCode::internal, "a verb was parsed but is not listed");
}

}  // namespace
}  // namespace plimsoll::cli

int main(int count, char** words) {
  const auto start = plimsoll::support::Meter::Clock::now();
  try {
    plimsoll::cli::prepare_standard_streams();
    return plimsoll::cli::run(count, words, start);
  } catch (...) {
    return plimsoll::cli::report_exception();
  }
}
