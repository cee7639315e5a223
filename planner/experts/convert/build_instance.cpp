#include "planner/experts/convert/build_instance.hpp"

#include <algorithm>
#include <numeric>
#include <set>

#include "planner/experts/convert/build_step.hpp"
#include "planner/experts/convert/fit_layers.hpp"
#include "planner/experts/convert/json_tree.hpp"
#include "planner/experts/json.hpp"
#include "planner/experts/step/json.hpp"
#include "plimsoll/error.hpp"
#include "plimsoll/solve.hpp"
#include "support/file.hpp"
#include "support/text.hpp"

namespace plimsoll::experts {
namespace {

using support::Json;

[[noreturn]] void refuse(const std::string& message, const std::string& advice = {}) {
  throw Error(ErrorCode::input, message, {}, advice);
}

[[noreturn]] void require_option(const std::string& what, const std::string& option) {
  throw Error(ErrorCode::usage, "the file does not say " + what, {}, "Maybe add --" + option + ".");
}

bool is_counted_from_zero(const std::vector<std::int64_t>& layers) {
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (layers[i] != static_cast<std::int64_t>(i)) return false;
  }
  return true;
}

// x-layers of an instance; nothing where it has none.
std::optional<std::vector<std::int64_t>> noted_layers(const Json& instance, std::size_t layers) {
  const Json* noted = instance.find(layers_key);
  if (noted == nullptr) return std::nullopt;
  const support::Reader place(*noted, "/" + std::string(layers_key));
  std::vector<std::int64_t> numbers = place.integers(layers, 0, 1'000'000'000);
  if (std::adjacent_find(numbers.begin(), numbers.end(), std::greater_equal<>()) != numbers.end()) {
    place.fail("numbers of layers that ascend");
  }
  return numbers;
}

// An instance of either kind; of a step, what it shares with the others.
struct Known {
  ExpertInstance instance;
  std::string text;
};

Known read_any(const common::Document& document) {
  if (step::is_step(document)) {
    const StepInstance instance = step::read_instance(document);
    return {instance.experts, step::write_instance(instance)};
  }
  const ExpertInstance instance = read_instance(document);
  return {instance, write_instance(instance)};
}

// The strict reader has the last word on what comes of a conversion.
common::Converted accepted(const Json& json, std::vector<std::string> notes) {
  common::Converted converted{text_of(json), std::move(notes)};
  common::Document document;
  document.json = support::parse(converted.text);
  try {
    static_cast<void>(read_any(document));
  } catch (const Error& error) {
    refuse("the instance that this makes is refused: " + error.pointer() + ": " + error.what(), error.advice());
  }
  return converted;
}

void note_empty_layers(const Foreign& foreign, std::vector<std::string>& notes) {
  std::size_t empty = 0;
  for (std::size_t layer = 0; layer < foreign.load->rows(); ++layer) {
    const auto row = foreign.load->row(layer);
    if (std::all_of(row.begin(), row.end(), [](double tokens) { return tokens == 0; })) ++empty;
  }
  if (empty > 0) notes.push_back(count_of(empty, "layer") + " without any load");
}

Json replaced_in(Foreign& foreign, const common::Document& document, const ConvertOptions& options) {
  const Known known = read_any(document);
  const ExpertInstance& instance = known.instance;
  if (foreign.load && foreign.microsteps.empty() && step::is_step(document)) {
    throw Error(ErrorCode::usage, "the instance has micro-steps, the file has loads of one", {},
                "Maybe --from microsteps-npy is meant.");
  }
  const auto layers = static_cast<std::size_t>(instance.model.layers);
  const auto experts = static_cast<std::size_t>(instance.model.experts);
  for (const char* option : {"nodes", "devices-per-node", "slots", "dispatch", "experts", "name", "load"}) {
    if (!options.text(option)) continue;
    throw Error(ErrorCode::usage, "--" + std::string(option) + " has no meaning beside --instance, which says it");
  }
  std::vector<std::int64_t> wanted(layers);
  std::iota(wanted.begin(), wanted.end(), std::int64_t{0});
  const auto noted = noted_layers(document.json, layers);
  if (noted) wanted = *noted;
  if (!options.layers()) {
    match_layers(foreign, wanted, noted.has_value(), "the instance");
  } else if (foreign.layers.size() != layers) {
    refuse("--layers names " + count_of(foreign.layers.size(), "layer") + ", the instance has " +
           std::to_string(layers));
  }
  widen(foreign, experts, "the instance");
  if (foreign.placement) {
    std::size_t slots = 0;
    for (const int each : instance.cluster.slots) slots += static_cast<std::size_t>(each);
    if (!foreign.slots.empty() && foreign.slots.size() != instance.cluster.slots.size()) {
      refuse("the file has " + count_of(foreign.slots.size(), "device") + ", the instance has " +
             std::to_string(instance.cluster.slots.size()));
    }
    for (std::size_t device = 0; device < foreign.slots.size(); ++device) {
      if (foreign.slots[device] == instance.cluster.slots[device]) continue;
      refuse("the file has " + count_of(static_cast<std::size_t>(foreign.slots[device]), "slot") + " on device " +
             std::to_string(device) + ", the instance has " + std::to_string(instance.cluster.slots[device]));
    }
    if (foreign.placement->columns() != slots) {
      refuse("the file has " + count_of(foreign.placement->columns(), "slot") + " per layer, the instance has " +
             std::to_string(slots));
    }
  }
  Json json = without_files(document.json, support::parse(known.text));
  if (foreign.load && foreign.microsteps.empty()) json = with_member(json, "load", json_of(*foreign.load));
  if (foreign.placement) json = with_member(json, "placement", json_of(*foreign.placement));
  return json;
}

// --load: a .npy, .npz or .csv file, or an instance.
Foreign loads_of(const std::string& path, const ConvertOptions& options) {
  const auto ends_in = [&](std::string_view ending) {
    return path.size() > ending.size() && std::string_view(path).substr(path.size() - ending.size()) == ending;
  };
  try {
    if (ends_in(".npy") || ends_in(".npz")) return read_npy(support::read_file(path), options);
    if (options.text("array")) throw Error(ErrorCode::usage, "--array needs --load with a .npz file");
    if (ends_in(".csv")) return read_csv(support::read_file(path), options);
    const ExpertInstance instance = read_experts(path);
    Foreign foreign;
    foreign.load = instance.load;
    foreign.layers.resize(instance.load.rows());
    std::iota(foreign.layers.begin(), foreign.layers.end(), std::int64_t{0});
    return foreign;
  } catch (const Error& error) {
    if (error.code() == ErrorCode::file || error.code() == ErrorCode::usage) throw;
    throw Error(error.code(),
                "--load " + support::in_quotes(path, 400) + ": " + error.pointer() +
                    (error.pointer().empty() ? "" : ": ") + error.what(),
                {}, error.advice());
  }
}

// Nodes and devices per node from what the file says about devices and what the options say.
void set_devices(Cluster& cluster, std::optional<std::int64_t> devices, const ConvertOptions& options) {
  const auto nodes = options.whole("nodes", 1, 1'000'000);
  const auto per_node = options.whole("devices-per-node", 1, 1'000'000);
  if (!devices) {
    if (!nodes) require_option("on how many nodes the devices are", "nodes");
    if (!per_node) require_option("how many devices a node has", "devices-per-node");
  } else if (nodes && per_node && *nodes * *per_node != *devices) {
    refuse("the file is for " + std::to_string(*devices) + " devices, --nodes and --devices-per-node make " +
           std::to_string(*nodes * *per_node));
  } else if (const auto one = nodes ? nodes : per_node; one && *devices % *one != 0) {
    refuse("the file is for " + std::to_string(*devices) + " devices, which " + std::to_string(*one) +
           " does not divide (--" + (nodes ? "nodes" : "devices-per-node") + ")");
  }
  const std::int64_t product = nodes && per_node ? *nodes * *per_node : devices.value_or(0);
  if (product > 1'000'000) refuse(std::to_string(product) + " devices are more than this version handles");
  cluster.nodes = static_cast<int>(nodes ? *nodes : per_node ? product / *per_node : 1);
  cluster.devices_per_node = static_cast<int>(product / cluster.nodes);
}

void set_cluster(ExpertInstance& instance, const Foreign& foreign, const ConvertOptions& options) {
  Cluster& cluster = instance.cluster;
  const auto slots = options.whole("slots", 1, most_foreign_cells);
  const auto all = foreign.placement ? static_cast<std::int64_t>(foreign.placement->columns()) : 0;
  std::optional<std::int64_t> devices = foreign.devices;
  if (!foreign.slots.empty()) devices = static_cast<std::int64_t>(foreign.slots.size());
  if (!devices && foreign.placement && slots) {
    if (all % *slots != 0) {
      refuse("the file has " + std::to_string(all) + " slots per layer, which --slots " + std::to_string(*slots) +
             " does not divide");
    }
    devices = all / *slots;
  }
  set_devices(cluster, devices, options);
  const auto count = static_cast<std::size_t>(cluster.devices());
  if (!foreign.placement) {
    if (!slots) require_option("how many slots a device has per layer", "slots");
    cluster.slots.assign(count, static_cast<int>(*slots));
  } else if (!foreign.slots.empty()) {
    cluster.slots = foreign.slots;
  } else {
    if (all % cluster.devices() != 0) {
      refuse("the file has " + std::to_string(all) + " slots per layer, which " + std::to_string(cluster.devices()) +
             " devices do not divide");
    }
    cluster.slots.assign(count, static_cast<int>(all / cluster.devices()));
  }
  if (slots && (cluster.slots.empty() || cluster.slots.front() != *slots)) {
    refuse("the file has " + std::to_string(cluster.slots.empty() ? 0 : cluster.slots.front()) +
           " slots on a device, --slots says " + std::to_string(*slots));
  }
  cluster.speed.assign(count, 1.0);
  cluster.duplicates = !foreign.forbids_duplicates;
  if (foreign.placement) {
    const auto& placed = foreign.placement->data();
    cluster.fill_slots = std::find(placed.begin(), placed.end(), -1) == placed.end();
  }
}

Dispatch dispatch_of(const ConvertOptions& options, std::vector<std::string>& notes) {
  const std::optional<std::string> name = options.text("dispatch");
  if (!name) notes.emplace_back("dispatch is taken to be even, as in most engines; --dispatch weighted changes it");
  if (!name || *name == "even") return Dispatch::even;
  if (*name == "weighted") return Dispatch::weighted;
  throw Error(ErrorCode::usage, "--dispatch: expected even or weighted, got " + support::in_quotes(*name));
}

Json made_from(Foreign& foreign, const ConvertOptions& options) {
  if (const auto path = options.text("load")) {
    if (foreign.load) throw Error(ErrorCode::usage, "--load has no meaning here: the file holds loads itself");
    Foreign loads = loads_of(*path, options);
    match_layers(loads, foreign.layers, foreign.numbered || options.layers(), "the placement");
    if (!foreign.numbered && !options.layers()) foreign.layers = loads.layers;  // of the same layers in the same order
    foreign.load = std::move(loads.load);
    foreign.more_experts = loads.more_experts;
    foreign.notes.insert(foreign.notes.end(), loads.notes.begin(), loads.notes.end());
  }
  if (!foreign.load) {
    throw Error(ErrorCode::usage, "the file holds a placement and no loads", {},
                "Maybe add --instance BASE.json, whose placement is replaced, or --load FILE.");
  }
  if (const auto experts = options.whole("experts", 1, most_foreign_experts)) {
    check_foreign_size("the table of layers and experts", foreign.load->rows(), static_cast<std::size_t>(*experts));
    widen(foreign, static_cast<std::size_t>(*experts), "--experts");
  } else if (foreign.more_experts && !foreign.microsteps.empty()) {
    foreign.notes.push_back("the last expert with a token is " + std::to_string(foreign.load->columns() - 1) +
                            "; --experts N tells of more");
  } else if (foreign.more_experts && foreign.placement) {
    const auto& placed = foreign.placement->data();
    const auto most = static_cast<std::size_t>(*std::max_element(placed.begin(), placed.end()) + 1);
    if (most > foreign.load->columns()) widen(foreign, most, "the placement");
  }
  ExpertInstance instance;
  instance.name = options.text("name").value_or("");
  instance.model.layers = static_cast<int>(foreign.load->rows());
  instance.model.experts = static_cast<int>(foreign.load->columns());
  set_cluster(instance, foreign, options);
  instance.dispatch = dispatch_of(options, foreign.notes);
  instance.load = *foreign.load;
  instance.placement = foreign.placement;
  Json json = support::parse(write_instance(instance));
  // Said in the file even where it is the default, since a choice was made.
  if (instance.dispatch == Dispatch::weighted)
    json = with_member(json, "dispatch", Json(Json::Value(std::string("weighted"))));
  if (!is_counted_from_zero(foreign.layers)) json = with_member(json, layers_key, json_of(foreign.layers));
  return json;
}

}  // namespace

std::vector<std::int64_t> layer_numbers(const Json& instance, std::size_t layers, const ConvertOptions& options) {
  if (const auto given = options.layers()) {
    if (given->size() == layers) return *given;
    throw Error(ErrorCode::usage,
                "--layers names " + count_of(given->size(), "layer") + ", the plan has " + std::to_string(layers));
  }
  if (const auto noted = noted_layers(instance, layers)) return *noted;
  std::vector<std::int64_t> numbers(layers);
  std::iota(numbers.begin(), numbers.end(), std::int64_t{0});
  return numbers;
}

common::Converted build_instance(Foreign foreign, const common::Document* base, const ConvertOptions& options) {
  if (const auto layers = options.layers()) keep_layers(foreign, *layers);
  Json json = base != nullptr ? replaced_in(foreign, *base, options) : made_from(foreign, options);
  std::vector<std::string> notes = foreign.notes;
  if (!foreign.microsteps.empty()) json = with_microsteps(std::move(json), foreign, options, notes);
  if (foreign.load) note_empty_layers(foreign, notes);
  return accepted(json, std::move(notes));
}

}  // namespace plimsoll::experts
