#include "executor/roofline/roofline.hpp"

#include <memory>
#include <optional>
#include <string>

#include "cli/arguments.hpp"
#include "cli/errors.hpp"
#include "cli/interrupt.hpp"
#include "cli/machine.hpp"
#include "cli/run_input.hpp"
#include "cli/terminal.hpp"
#include "cli/verbs.hpp"
#include "support/table.hpp"

namespace plimsoll::cli {
namespace {

struct RooflineArguments {
  std::string model = "deepseek-v2-lite";
  std::string threads = "0";
  std::string seconds = "2";
  std::optional<std::string> output;
};

std::string giga(double value) { return readable(value / 1e9, 4); }

std::string ceilings_text(const executor::Ceilings& ceilings) {
  return "ceilings of " + std::to_string(ceilings.threads) + " threads, " + std::string(name_of(ceilings.isa)) + ": " +
         giga(ceilings.f64_flops) + " GFLOP/s in f64, " + giga(ceilings.f32_flops) + " in f32, " +
         giga(ceilings.bf16_flops) + " in bf16; " + giga(ceilings.read_bytes_per_second) + " GB/s read, " +
         giga(ceilings.copy_bytes_per_second) + " copied\n\n";
}

std::string kernels_text(const executor::Roofline& roofline) {
  support::Table table;
  table.columns = {{"kernel", false}, {"tokens"}, {"MFLOP"},        {"MB"},           {"ms"},
                   {"GFLOP/s"},       {"GB/s"},   {"bound", false}, {"of the bound"}, {"others busy"}};
  for (const executor::RooflinePoint& point : roofline.points) {
    table.rows.push_back({{point.kernel},
                          {point.tokens > 0 ? std::to_string(point.tokens) : "-"},
                          {readable(point.flops / 1e6, 4)},
                          {readable(point.bytes / 1e6, 4)},
                          {readable(point.seconds * 1e3, 4)},
                          {giga(point.flops / point.seconds)},
                          {giga(point.bytes / point.seconds)},
                          {point.compute_bound ? "compute" : "memory"},
                          {percent(point.share)},
                          {point.other_busy < 0 ? "?" : percent(point.other_busy)}});
  }
  return to_text(table);
}

int roofline(const RooflineArguments& arguments) {
  if (arguments.output) require_writable(*arguments.output);
  executor::RooflineOptions options;
  options.threads = static_cast<int>(whole_number("--threads", arguments.threads, 0, 1024));
  options.seconds = real_number("--seconds", arguments.seconds, 0.001, 3600, "a number of seconds from 0.001 to 3600");
  const executor::ModelShape shape = open_shape(arguments.model);
  StatusLine line(error_is_terminal());
  line.show("making weights");
  options.stop = &stop_on_signals();
  options.progress = [&](const std::string& what) { line.show("measuring " + what); };
  const executor::Roofline measured = executor::measure_roofline(shape, options);
  line.clear();
  if (arguments.output) write_output(*arguments.output, executor::roofline_json(measured, shape, machine_in_words()));
  if (arguments.output == "-") return exit_done;
  print_data(ceilings_text(measured.ceilings) + kernels_text(measured) +
             "\nSmall kernels on few tokens work in caches, so they can be above the bound of memory.\n");
  return exit_done;
}

}  // namespace

Verb add_roofline(CLI::App& program) {
  CLI::App* command =
      program.add_subcommand("roofline", "Measure this machine's ceilings, and what each kernel reaches of them");
  command->footer("Example:\n  plimsoll roofline --model deepseek-v2-lite");
  const auto a = std::make_shared<RooflineArguments>();
  command->add_option("--model", a->model, "Shape of the layers: " + known_shapes())
      ->type_name("SHAPE")
      ->capture_default_str();
  command->add_option("--threads", a->threads, "Threads to use; 0: one for each core")
      ->type_name("N")
      ->capture_default_str();
  command->add_option("--seconds", a->seconds, "For each kernel and number of tokens, of which the best run counts")
      ->type_name("S")
      ->capture_default_str();
  command->add_option("-o,--output", a->output, "Write it as JSON, too; - for standard output, and JSON alone")
      ->type_name("FILE");
  return {command, [a] { return roofline(*a); }};
}

}  // namespace plimsoll::cli
