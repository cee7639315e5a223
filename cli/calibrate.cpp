#include "executor/calibrate/calibrate.hpp"

#include <memory>
#include <string>

#include "cli/arguments.hpp"
#include "cli/errors.hpp"
#include "cli/interrupt.hpp"
#include "cli/machine.hpp"
#include "cli/run_input.hpp"
#include "cli/terminal.hpp"
#include "cli/verbs.hpp"

namespace plimsoll::cli {
namespace {

struct CalibrateArguments {
  std::string model;
  std::string output = "-";
  std::string devices = "0";
  std::string threads = "0";
  std::string tokens = "1024";
  std::string repeats = "7";
  bool no_link = false;
  bool quiet = false;
};

int calibrate(const CalibrateArguments& arguments) {
  require_writable(arguments.output);
  executor::CalibrateOptions options;
  options.threads = static_cast<int>(whole_number("--threads", arguments.threads, 0, 1024));
  options.devices = static_cast<int>(whole_number("--devices", arguments.devices, 1, 100'000));
  options.most_tokens = static_cast<int>(whole_number("--tokens", arguments.tokens, 1, 4096));
  options.repeats = static_cast<int>(whole_number("--repeats", arguments.repeats, 1, 1000));
  const executor::ModelShape shape = open_shape(arguments.model);
  StatusLine line(error_is_terminal() && !arguments.quiet);
  line.show("making weights");
  options.stop = &stop_on_signals();
  options.progress = [&](const std::string& what) { line.show("measuring " + what); };
  executor::MeasuredCost cost = executor::calibrate(shape, options);
  line.clear();
  if (arguments.no_link) cost.link = {};
  write_output(arguments.output, executor::cost_json(cost, shape, machine_in_words(), command_line()));
  if (!arguments.quiet) {
    const auto& points = cost.cost.expert_seconds;
    print_note("an expert takes " + readable(points[1].seconds, 4) + " s for one token and " +
               readable(points.back().seconds, 4) + " s for " + readable(points.back().tokens) + ", with " +
               std::to_string(cost.devices_at_once) + " devices at once\n");
    if (cost.other_busy >= 0) {
      print_note("the machine was busy with other things for " + percent(cost.other_busy) + " of its time\n");
    }
  }
  return exit_done;
}

}  // namespace

Verb add_calibrate(CLI::App& program) {
  CLI::App* command =
      program.add_subcommand("calibrate", "Measure what experts and copies cost on this machine, for --cost");
  command->footer(
      "All devices that fit on the threads compute at once, so that each is measured beside the others.\n\n"
      "Example:\n  plimsoll calibrate --model olmoe-1b-7b --devices 8 -o cost.json\n"
      "  plimsoll solve instance.json --cost cost.json -o plan.json");
  const auto a = std::make_shared<CalibrateArguments>();
  command->add_option("--model", a->model, "Shape of the layers: " + known_shapes())->type_name("SHAPE")->required();
  command->add_option("--devices", a->devices, "Devices of the instances that it is for")->type_name("N")->required();
  command->add_option("--threads", a->threads, "Threads to use; 0: one for each core")
      ->type_name("N")
      ->capture_default_str();
  command->add_option("--tokens", a->tokens, "Measure up to so many tokens of an expert")
      ->type_name("N")
      ->capture_default_str();
  command->add_option("--repeats", a->repeats, "Rounds of which the median counts")
      ->type_name("N")
      ->capture_default_str();
  command->add_flag("--no-link", a->no_link, "Leave links out: instances keep their own link speeds");
  command->add_option("-o,--output", a->output, "Where the cost goes, - for standard output")
      ->type_name("COST")
      ->capture_default_str();
  command->add_flag("--quiet", a->quiet, "Nothing but errors on standard error");
  return {command, [a] { return calibrate(*a); }};
}

}  // namespace plimsoll::cli
