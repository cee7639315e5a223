// The expert map of vLLM-Ascend: {"moe_layer_count", "layer_list": [{"layer_id", "device_count", "device_list":
// [{"device_id", "device_expert": [...]}]}]}. The engine looks layers and devices up by their place in the lists
// (vllm_ascend/eplb/core/eplb_utils.py, expert_file_to_tensor), so they must stand in order.
#include <numeric>

#include "planner/experts/convert/exporting.hpp"
#include "planner/experts/convert/foreign.hpp"
#include "plimsoll/error.hpp"
#include "support/json.hpp"
#include "support/npy.hpp"

namespace plimsoll::experts {
namespace {

using support::Reader;

void require_place(Reader& entry, std::string_view key, std::size_t place) {
  const auto number = static_cast<std::int64_t>(place);
  if (const auto id = entry.optional_member(key); id && id->integer(0, most_foreign_cells) != number) {
    id->fail(std::to_string(place) + ", as the engine goes by the place in the list");
  }
}

// The experts of one layer's devices, and their numbers of slots.
void read_layer(Reader entry, std::size_t place, std::vector<int>& slots, std::vector<int>& experts) {
  require_place(entry, "layer_id", place);
  const Reader list = entry.member("device_list");
  std::vector<Reader> devices = list.elements();
  if (devices.empty()) list.fail("at least one device");
  if (const auto count = entry.optional_member("device_count")) {
    const auto number = static_cast<std::int64_t>(devices.size());
    if (count->integer(0, most_foreign_cells) != number) {
      count->fail("the " + std::to_string(number) + " devices of device_list");
    }
  }
  const bool first = slots.empty();
  if (!first && devices.size() != slots.size()) {
    list.fail("the " + std::to_string(slots.size()) + " devices of the first layer");
  }
  for (std::size_t device = 0; device < devices.size(); ++device) {
    require_place(devices[device], "device_id", device);
    const Reader held = devices[device].member("device_expert");
    const std::size_t count = support::array_length(held);
    for (const std::int64_t expert : held.integers(count, 0, most_foreign_experts - 1)) {
      experts.push_back(static_cast<int>(expert));
    }
    if (first) {
      slots.push_back(static_cast<int>(count));
    } else if (count != static_cast<std::size_t>(slots[device])) {
      held.fail(std::to_string(slots[device]) + " experts as in the first layer");
    }
  }
}

}  // namespace

Foreign read_vllm_ascend(std::string_view text, const ConvertOptions& /*options*/) {
  const support::Json json = support::parse(text);
  Reader root(json);
  const Reader count = root.member("moe_layer_count");
  const Reader list = root.member("layer_list");
  const std::vector<Reader> layers = list.elements();
  if (layers.empty()) list.fail("at least one layer");
  if (count.integer(1, most_foreign_layers) != static_cast<std::int64_t>(layers.size())) {
    count.fail("the " + std::to_string(layers.size()) + " layers of layer_list");
  }
  Foreign foreign;
  foreign.numbered = false;
  foreign.forbids_duplicates = true;
  std::vector<int> experts;
  for (std::size_t layer = 0; layer < layers.size(); ++layer) read_layer(layers[layer], layer, foreign.slots, experts);
  const std::size_t slots = experts.size() / layers.size();
  check_foreign_size("the table of layers and slots", layers.size(), slots);
  foreign.layers.resize(layers.size());
  std::iota(foreign.layers.begin(), foreign.layers.end(), std::int64_t{0});
  foreign.placement = Matrix<int>(layers.size(), slots, std::move(experts));
  return foreign;
}

std::string write_vllm_ascend(const ExpertInstance& instance, const ExpertPlan& plan) {
  require_even_slots(instance, plan, "vllm-ascend", Duplicates::forbidden);
  const auto devices = static_cast<std::size_t>(instance.cluster.devices());
  const std::size_t each = plan.slots.columns() / devices;
  support::Writer writer;
  writer.begin_object().key("moe_layer_count").value(instance.model.layers).key("layer_list").begin_array();
  for (std::size_t layer = 0; layer < plan.slots.rows(); ++layer) {
    writer.begin_object().key("layer_id").value(static_cast<std::int64_t>(layer));
    writer.key("device_count").value(static_cast<std::int64_t>(devices)).key("device_list").begin_array();
    for (std::size_t device = 0; device < devices; ++device) {
      writer.begin_object().key("device_id").value(static_cast<std::int64_t>(device));
      writer.key("device_expert").line(plan.slots.row(layer).subspan(device * each, each)).end_object();
    }
    writer.end_array().end_object();
  }
  return writer.end_array().end_object().take();
}

}  // namespace plimsoll::experts
