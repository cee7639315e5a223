#include <algorithm>
#include <memory>
#include <optional>
#include <string>

#include "cli/arguments.hpp"
#include "cli/errors.hpp"
#include "cli/interrupt.hpp"
#include "cli/machine.hpp"
#include "cli/run_attention.hpp"
#include "cli/run_input.hpp"
#include "cli/run_text.hpp"
#include "cli/terminal.hpp"
#include "cli/verbs.hpp"
#include "executor/run/run_loads.hpp"
#include "executor/telemetry/trace.hpp"

namespace plimsoll::cli {
namespace {

struct RunArguments {
  std::string instance;
  std::string plan;
  std::string model;
  std::optional<std::string> cost;
  std::optional<std::string> output;
  std::optional<std::string> trace;
  std::string devices = "0";
  std::string threads = "0";
  std::string layers = "0";
  std::string first_layer = "0";
  std::string microsteps = "0";
  std::string tokens = "0";
  std::string seed = "1";
  std::string routing = "plan";
  AttentionArguments attention;
  bool link_model = false;
  bool verify = false;
  bool no_control = false;
  bool quiet = false;
};

executor::RunPart part_of(const RunArguments& arguments) {
  executor::RunPart part;
  part.first_layer = static_cast<int>(whole_number("--first-layer", arguments.first_layer, 0, 1'000'000));
  part.layers = static_cast<int>(whole_number("--layers", arguments.layers, 0, 1'000'000));
  part.microsteps = static_cast<int>(whole_number("--microsteps", arguments.microsteps, 0, 1'000'000));
  part.tokens = static_cast<double>(whole_number("--tokens", arguments.tokens, 0, 1'000'000'000));
  return part;
}

executor::RoutingBy routing_of(const RunArguments& arguments) {
  if (arguments.routing == "plan") return executor::RoutingBy::plan;
  if (arguments.routing == "model") return executor::RoutingBy::model;
  throw Error(ErrorCode::usage, "--routing is plan or model, not '" + arguments.routing + "'");
}

// Weights, memory and threads of one run; what they are for stands in their headers.
class Machine {
 public:
  Machine(const RunInput& input, const executor::ModelShape& shape,
          const std::optional<executor::AttentionRequest>& attention, const RunArguments& arguments)
      : isa_(executor::chosen_isa()),
        seats_(at_once(input, arguments), static_cast<int>(whole_number("--threads", arguments.threads, 0, 1024))),
        seed_(whole_number("--seed", arguments.seed, 0, most_whole_number)),
        attention_(attention ? make_attention(input, shape, *attention) : nullptr),
        weights_(shape, input.plan.layers, isa_, seed_, seats_),
        memory_(input.plan, weights_, seats_) {
    if (arguments.trace) recorder_.emplace(records_of_a_lane(input.plan.windows.size()));
  }

  // With the recorder, where there is one.
  executor::RunResult run(const executor::RunPlan& plan, const executor::RunOptions& options, bool recorded) {
    executor::Runner runner(plan, weights_, memory_, isa_, seats_, recorded && recorder_ ? &*recorder_ : nullptr,
                            attention_.get());
    return runner.run(options);
  }

  [[nodiscard]] executor::Isa isa() const { return isa_; }
  [[nodiscard]] const executor::Seats& seats() const { return seats_; }
  [[nodiscard]] std::size_t expert_bytes() const { return weights_.expert_bytes(); }
  [[nodiscard]] const executor::Recorder& recorder() const { return *recorder_; }
  [[nodiscard]] std::optional<executor::AttentionFacts> attention() const {
    if (!attention_) return std::nullopt;
    return executor::AttentionFacts{attention_->shape(), attention_->request(), attention_->sequences(),
                                    attention_->weight_bytes(), attention_->cache_bytes()};
  }

 private:
  // Kernels leave three spans for every few hundred tokens of a window; a device has several lanes.
  static std::size_t records_of_a_lane(std::size_t windows) {
    return std::clamp<std::size_t>(windows * 128, std::size_t{1} << 10U, std::size_t{1} << 16U);
  }
  static int at_once(const RunInput& input, const RunArguments& arguments) {
    const auto asked = static_cast<int>(whole_number("--devices", arguments.devices, 0, 1'000'000));
    return asked == 0 ? input.plan.devices : std::min(asked, input.plan.devices);
  }

  std::unique_ptr<executor::AttentionWork> make_attention(const RunInput& input, const executor::ModelShape& shape,
                                                          const executor::AttentionRequest& request) {
    return std::make_unique<executor::AttentionWork>(executor::layer_shape(shape, request), request, input.plan.layers,
                                                     executor::tokens_of_microsteps(input.plan, shape.router.top_k),
                                                     isa_, seed_, seats_);
  }

  executor::Isa isa_;
  executor::Seats seats_;
  std::uint64_t seed_;
  std::unique_ptr<executor::AttentionWork> attention_;
  executor::ModelWeights weights_;
  executor::DeviceMemory memory_;
  std::optional<executor::Recorder> recorder_;
};

void write_results(const RunArguments& arguments, const executor::RunFacts& facts, const RunInput& input,
                   const executor::ModelShape& shape, const Machine& machine, const executor::RunResult& result,
                   const executor::RunResult* control) {
  if (arguments.trace) write_output(*arguments.trace, executor::trace_json(machine.recorder()));
  if (arguments.output) {
    write_output(*arguments.output,
                 executor::report_json(facts, input.plan, shape, machine.expert_bytes(), result, control));
  }
  if (arguments.quiet) return;
  const std::string text = run_text(facts, input.plan, shape, machine.expert_bytes(), result, control);
  if (arguments.output == "-" || arguments.trace == "-") {
    print_note(text);
  } else {
    print_data(text);
  }
}

int run(const RunArguments& arguments) {
  refuse_two_standard_inputs(arguments.instance, arguments.plan);
  if (arguments.output == "-" && arguments.trace == "-") {
    throw Error(ErrorCode::usage, "only one of the report and --trace can go to standard output");
  }
  for (const auto& path : {arguments.output, arguments.trace}) {
    if (!path) continue;
    require_writable(*path, arguments.instance);
    require_writable(*path, arguments.plan);
  }
  const executor::RunPart part = part_of(arguments);
  executor::RunOptions options;
  options.routing = routing_of(arguments);
  options.seed = whole_number("--seed", arguments.seed, 0, most_whole_number);
  executor::ModelShape shape = open_shape(arguments.model);
  const std::optional<executor::AttentionRequest> attention = attention_of(arguments.attention);
  if (attention) static_cast<void>(executor::layer_shape(shape, *attention));  // before anything else takes time

  const OpenedInstance opened = open_instance_with_cost(arguments.instance, "json", arguments.cost);
  const OpenedPlan plan = open_plan(arguments.plan, opened);
  if (!plan.has_plan()) {
    print_note("plimsoll: no plan to run: " + plan.why_none() + "\n");
    return exit_wrong;
  }
  const RunInput input = about_file(arguments.plan, [&] { return read_run_input(opened, plan, part); });
  if (input.violation) {
    print_note("plimsoll: the plan breaks the instance: " + *input.violation + "\n");
    return exit_wrong;
  }
  shape = executor::fitted(std::move(shape), input.plan.experts, input.plan.top_k);

  StatusLine line(error_is_terminal() && !arguments.quiet);
  options.stop = &stop_on_signals();
  line.show("making weights");
  Machine machine(input, shape, attention, arguments);
  if (arguments.link_model) options.links = &input.cluster;
  const char* phase = "";
  options.progress = [&](std::size_t done) {
    line.show(std::string(phase) + std::to_string(done) + " of " + std::to_string(input.plan.windows.size()) +
              " windows");
  };

  // The preloaded run comes first: it warms up what the other one is compared on.
  std::optional<executor::RunResult> control;
  executor::RunOptions preloaded = options;
  preloaded.preloaded = true;
  if (!input.plan.transfers.empty() && !arguments.no_control) {
    phase = "preloaded, ";
    control = machine.run(input.plan, preloaded, false);
    phase = "";
  }
  const executor::RunResult result = machine.run(input.plan, options, true);
  executor::RunFacts facts{.instance = opened.instance->name(),
                           .machine = machine_in_words(),
                           .command = command_line(),
                           .isa = std::string(executor::name_of(machine.isa())),
                           .threads = machine.seats().threads(),
                           .seats = machine.seats().seats(),
                           .predicted_in_seconds = arguments.cost.has_value(),
                           .attention = machine.attention()};
  bool same = true;
  if (arguments.verify && result.complete) {
    phase = "without a plan, ";
    const executor::RunPlan alone = executor::unplanned(input.plan);
    const executor::RunResult reference = machine.run(alone, preloaded, false);
    same = reference.output_sha256 == result.output_sha256;
    facts.verified = same;
  }
  line.clear();
  write_results(arguments, facts, input, shape, machine, result, control && control->complete ? &*control : nullptr);
  if (!same) {
    print_note("plimsoll: the output differs from that without a plan\n");
    return exit_wrong;
  }
  if (result.complete) return exit_done;
  print_note("plimsoll: stopped before the end\n");
  return exit_no_plan;
}

}  // namespace

Verb add_run(CLI::App& program) {
  CLI::App* command = program.add_subcommand("run", "Run a plan: real expert layers on the threads of this machine");
  command->footer(
      "Weights are seeded, of the model's size. The output does not depend on the plan: only the time does.\n\n"
      "Example:\n  plimsoll run instance.json plan.json --model olmoe-1b-7b --layers 2 --cost cost.json --trace "
      "trace.json\n  plimsoll run instance.json plan.json --model msa-10b --attention msa --context 32768 "
      "--sequences 0");
  const auto a = std::make_shared<RunArguments>();
  command->add_option("INSTANCE", a->instance, "The instance file, - for standard input")->required();
  command->add_option("PLAN", a->plan, "The plan file, - for standard input")->required();
  command->add_option("--model", a->model, "Shape of the layers: " + known_shapes())->type_name("SHAPE")->required();
  add_cost_option(*command, a->cost);
  const auto number = [&](const char* name, std::string& value, const char* help) {
    command->add_option(name, value, help)->type_name("N")->capture_default_str();
  };
  number("--devices", a->devices,
         "Devices of the plan that run at once, the others taking turns; 0: all, as threads allow");
  number("--threads", a->threads, "Threads to use; 0: one for each core");
  number("--layers", a->layers, "How many layers to run; 0: all");
  number("--first-layer", a->first_layer, "The first of them");
  number("--microsteps", a->microsteps, "How many micro-steps to run, from the first on; 0: all");
  number("--tokens", a->tokens, "Scale loads so that the largest layer has so many; 0: as the instance says");
  number("--seed", a->seed, "Of weights, tokens and routing");
  command->add_option("--routing", a->routing, "plan: as the instance counts; model: as the router decides")
      ->type_name("BY")
      ->capture_default_str();
  add_attention_options(*command, a->attention);
  command->add_flag("--link-model", a->link_model, "Hold transfers to the instance's link speeds");
  command->add_flag("--no-control", a->no_control, "Leave out the run with everything preloaded");
  command->add_flag("--verify", a->verify, "Run it without the plan, too: the output must have the same bytes");
  command->add_option("-o,--output", a->output, "Write the report as JSON, - for standard output")->type_name("REPORT");
  command->add_option("--trace", a->trace, "Write what happened when, for ui.perfetto.dev, - for standard output")
      ->type_name("FILE");
  command->add_flag("--quiet", a->quiet, "No report for people");
  return {command, [a] { return run(*a); }};
}

}  // namespace plimsoll::cli
