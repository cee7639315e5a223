#include "planner/experts/convert/convert.hpp"

#include <array>

#include "planner/experts/convert/build_instance.hpp"
#include "planner/experts/convert/exporting.hpp"
#include "planner/experts/convert/foreign.hpp"
#include "planner/experts/convert/target_dispatch.hpp"
#include "planner/experts/json.hpp"
#include "planner/experts/step/json.hpp"
#include "plimsoll/error.hpp"
#include "support/text.hpp"

namespace plimsoll::experts {
namespace {

using common::Converted;
using common::ConvertOption;
using common::ForeignFormat;

const std::array<ConvertOption, 22> all_options = {{
    {"nodes", "N", "Nodes of the cluster"},
    {"devices-per-node", "N", "Devices of a node"},
    {"slots", "N", "Slots of a device per layer"},
    {"dispatch", "NAME", "even or weighted"},
    {"name", "NAME", "The instance's name"},
    {"load", "FILE", "Loads for a placement: a .npy, .npz or .csv file, or an instance"},
    {"layers", "LIST", "Layers by the foreign file's numbers: 0,7,15 or 3:61 (without 61)"},
    {"experts", "N", "Experts, where some may have no row"},
    {"step", "N", "This step's loads only"},
    {"steps", "A:B", "The loads of these steps (without B)"},
    {"array", "NAME", "Which array of a .npz file"},
    {"transient-slots", "N", "Transient slots of a device per layer"},
    {"transient-pool-slots", "N", "Transient slots of a device, shared by all layers"},
    {"microstep-tokens", "N", "Tokens of a micro-step"},
    {"microstep-starts", "LIST", "The first token of each micro-step: 0,4096,8192 or a .npy file"},
    {"token-devices", "FILE", "The device that each token comes from, a .npy file: notes sources and routes"},
    {"where", "COLUMN=VALUE", "Only rows with this value; as often as needed"},
    {"layer-column", "NAME", "The column with the layer"},
    {"expert-column", "NAME", "The column with the expert"},
    {"count-column", "NAME", "The column with the tokens"},
    {"step-column", "NAME", "The column with the step"},
    {"ep-dispatch-algorithm", "NAME", "How SGLang will dispatch: static, dynamic or lp"},
}};

std::vector<std::string_view> with_cluster(std::vector<std::string_view> names) {
  names.insert(names.end(), {"nodes", "devices-per-node", "slots", "dispatch", "name", "layers"});
  return names;
}

std::vector<std::string_view> with_transient_slots(std::vector<std::string_view> names) {
  names.insert(names.end(), {"transient-slots", "transient-pool-slots"});
  return with_cluster(std::move(names));
}

const std::vector<std::string_view> csv_options{"experts",      "step",          "steps",        "where",
                                                "layer-column", "expert-column", "count-column", "step-column"};

std::vector<std::string_view> placement_options() {
  std::vector<std::string_view> names = with_cluster(csv_options);  // of --load FILE.csv
  names.insert(names.end(), {"load", "array"});
  return names;
}

const std::array<ForeignFormat, 8> all_formats = {{
    {"csv",
     "a table: tokens per layer and expert in; expert and share per slot out",
     true,
     true,
     placement_options(),
     {"layers"}},
    {"npy",
     "loads in a NumPy file (.npy, .npz), [layers, experts] or [steps, layers, experts]",
     true,
     false,
     with_cluster({"step", "steps", "array"}),
     {}},
    {"microsteps-npy",
     "micro-steps in a NumPy file, [micro-steps, layers, experts] or [micro-steps, layers, devices, experts]",
     true,
     false,
     with_transient_slots({"step", "steps", "array"}),
     {}},
    {"token-routes",
     "experts of every token in a NumPy file, [tokens, layers, experts per token], as micro-steps",
     true,
     false,
     with_transient_slots({"experts", "array", "microstep-tokens", "microstep-starts", "token-devices"}),
     {}},
    {"routing-jsonl",
     "routing as logged, JSON lines with step, layer and top_indices, as micro-steps",
     true,
     false,
     with_transient_slots({"experts", "step", "steps"}),
     {}},
    {"vllm-ascend", "the expert map of vLLM-Ascend (expert_map_path), JSON", true, true, placement_options(), {}},
    {"trtllm", "the load balancer configuration of TensorRT-LLM, YAML", true, true, placement_options(), {"layers"}},
    {"sglang",
     "the expert location of SGLang (--init-expert-location), JSON",
     true,
     true,
     placement_options(),
     {"layers", "ep-dispatch-algorithm"}},
}};

// Options that speak of a table of loads mean nothing for a placement alone.
void refuse_idle_options(std::string_view format, const ConvertOptions& options, const common::ConvertValues& values) {
  const bool placement = format == "vllm-ascend" || format == "trtllm" || format == "sglang";
  if (!placement || options.text("load")) return;
  if (values.contains("array")) throw Error(ErrorCode::usage, "--array has no meaning without --load FILE");
  for (const std::string_view name : csv_options) {
    const bool of_counts = name == "experts" || name == "step" || name == "steps";
    if (!values.contains(name) || (format == "sglang" && of_counts)) continue;
    throw Error(ErrorCode::usage, "--" + std::string(name) + " has no meaning without --load FILE");
  }
}

Converted read(std::string_view format, std::string_view text, const common::Document* base,
               const common::ConvertValues& values) {
  const ConvertOptions options(values);
  refuse_idle_options(format, options, values);
  Foreign foreign;
  if (format == "csv") foreign = read_csv(text, options);
  if (format == "npy") foreign = read_npy(text, options);
  if (format == "microsteps-npy") foreign = read_microsteps_npy(text, options);
  if (format == "token-routes") foreign = read_token_routes(text, options);
  if (format == "routing-jsonl") foreign = read_routing_jsonl(text, options);
  if (format == "vllm-ascend") foreign = read_vllm_ascend(text, options);
  if (format == "trtllm") foreign = read_trtllm(text, options);
  if (format == "sglang") foreign = read_sglang(text, options);
  return build_instance(std::move(foreign), base, options);
}

struct Target {
  std::string name;
  TargetDispatch dispatch;
};

Target sglang_target(const ConvertOptions& options) {
  const std::string name = options.text("ep-dispatch-algorithm").value_or("static");
  const std::string called = "sglang (" + name + ")";
  if (name == "static" || name == "dynamic") return {called, TargetDispatch::nearest};
  if (name == "lp") return {called, TargetDispatch::as_planned};
  throw Error(ErrorCode::usage,
              "--ep-dispatch-algorithm: expected static, dynamic or lp, got " + support::in_quotes(name), {},
              name == "fake" ? "Maybe 'dynamic' was meant: fake does not route by the model." : "");
}

Converted write(std::string_view format, const common::Document& document, const support::Json& plan_file,
                const common::ConvertValues& values) {
  const ConvertOptions options(values);
  if (step::is_step(document)) {
    throw Error(ErrorCode::unsupported, "plans with micro-steps are not written for " + std::string(format));
  }
  const ExpertInstance instance = read_instance(document);
  const ExpertPlan plan = read_plan(plan_file, instance);
  const std::vector<std::int64_t> layers = layer_numbers(document.json, plan.slots.rows(), options);
  Converted converted;
  if (format == "csv") {
    converted.text = write_csv(instance, plan, layers);
    return converted;
  }
  Target target;
  if (format == "vllm-ascend") {
    target = {"vllm-ascend", TargetDispatch::by_rank};
    converted.text = write_vllm_ascend(instance, plan);
  } else if (format == "trtllm") {
    target = {"trtllm", TargetDispatch::even};
    converted.text = write_trtllm(instance, plan, layers);
  } else {
    target = sglang_target(options);
    converted.text = write_sglang(instance, plan, layers);
    const auto rows = static_cast<std::size_t>(layers.back()) + 1;
    if (rows > layers.size()) {
      converted.notes.push_back(std::to_string(rows - layers.size()) + " of " + std::to_string(rows) +
                                " layers are not in the plan and got SGLang's trivial placement");
    }
  }
  converted.notes.push_back(compare_objectives(instance, plan, target.dispatch, target.name));
  return converted;
}

}  // namespace

const common::Conversions* conversions() {
  static const common::Conversions table{all_formats, all_options, read, write};
  return &table;
}

}  // namespace plimsoll::experts
