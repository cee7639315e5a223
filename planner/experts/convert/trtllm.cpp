// The load balancer configuration of TensorRT-LLM, in YAML: num_slots, initial_global_assignments {layer: [expert of
// each slot]}, layer_updates_per_iter (examples/ep_load_balancer, MoeLoadBalancerConfig). Layers go by their numbers in
// the model, slots are parted evenly among the ranks.
#include <algorithm>
#include <limits>

#include "planner/experts/convert/exporting.hpp"
#include "planner/experts/convert/foreign.hpp"
#include "plimsoll/error.hpp"
#include "support/text.hpp"
#include "support/yaml.hpp"

namespace plimsoll::experts {
namespace {

using support::Yaml;

void require_known_keys(const Yaml& root) {
  // ep_size stands in files of older versions.
  const std::vector<std::string> known{"num_slots", "initial_global_assignments", "layer_updates_per_iter", "ep_size"};
  for (const auto& [key, value] : root.members()) {
    if (std::find(known.begin(), known.end(), key.text()) != known.end()) continue;
    const std::string guess = support::nearest(key.text(), known);
    key.refuse("unknown key " + support::in_quotes(key.text()),
               guess.empty() ? "Maybe this is no load balancer configuration." : "Maybe '" + guess + "' was meant.");
  }
}

const Yaml& member(const Yaml& root, std::string_view key) {
  const Yaml* value = root.find(key);
  if (value == nullptr) root.refuse("the key " + support::in_quotes(key) + " is missing");
  return *value;
}

}  // namespace

Foreign read_trtllm(std::string_view text, const ConvertOptions& /*options*/) {
  const Yaml root = support::parse_yaml(text);
  require_known_keys(root);
  const auto slots = static_cast<std::size_t>(member(root, "num_slots").integer(1, most_foreign_cells));
  const Yaml& assignments = member(root, "initial_global_assignments");
  if (const Yaml* updates = root.find("layer_updates_per_iter")) {
    static_cast<void>(updates->integer(0, std::numeric_limits<std::int32_t>::max()));
  }
  Foreign foreign;
  if (const Yaml* ranks = root.find("ep_size")) foreign.devices = static_cast<int>(ranks->integer(1, 1'000'000));
  if (assignments.members().empty()) assignments.fail("at least one layer");
  check_foreign_size("the table of layers and slots", assignments.members().size(), slots);

  std::vector<std::pair<std::int64_t, const Yaml*>> rows;
  for (const auto& [key, value] : assignments.members()) {
    rows.emplace_back(key.integer(0, 1'000'000'000), &value);
    if (value.elements().size() != slots) {
      value.fail("a sequence of num_slots = " + std::to_string(slots) + " experts");
    }
  }
  std::sort(rows.begin(), rows.end());
  std::vector<int> experts;
  experts.reserve(rows.size() * slots);
  for (const auto& [layer, row] : rows) {
    // "3" and "03" are different keys of the text and the same layer.
    if (!foreign.layers.empty() && foreign.layers.back() == layer) {
      row->refuse("layer " + std::to_string(layer) + " stands twice");
    }
    foreign.layers.push_back(layer);
    for (const Yaml& expert : row->elements()) {
      experts.push_back(static_cast<int>(expert.integer(0, most_foreign_experts - 1)));
    }
  }
  foreign.placement = Matrix<int>(rows.size(), slots, std::move(experts));
  return foreign;
}

std::string write_trtllm(const ExpertInstance& instance, const ExpertPlan& plan,
                         const std::vector<std::int64_t>& layers) {
  require_even_slots(instance, plan, "trtllm", Duplicates::allowed);
  std::string text = "num_slots: " + std::to_string(plan.slots.columns()) + "\ninitial_global_assignments:\n";
  for (std::size_t layer = 0; layer < plan.slots.rows(); ++layer) {
    text += "  " + std::to_string(layers[layer]) + ": [";
    const char* separator = "";
    for (const int expert : plan.slots.row(layer)) {
      text += separator + std::to_string(expert);
      separator = ", ";
    }
    text += "]\n";
  }
  // 0: the placement stays as it is, nothing is rebalanced while it runs.
  return text + "layer_updates_per_iter: 0\n";
}

}  // namespace plimsoll::experts
