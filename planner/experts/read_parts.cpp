#include "planner/experts/read_parts.hpp"

#include <algorithm>
#include <cmath>

#include "support/json_text.hpp"
#include "support/npy.hpp"

namespace plimsoll::experts {

namespace {

using support::Reader;

constexpr std::int64_t kMostLayers = 100'000;
constexpr std::int64_t kMostExperts = 100'000;
constexpr std::int64_t kMostDevices = 1'000'000;
constexpr std::int64_t kMostMoves = 1'000'000'000'000;
constexpr double kMostQuantity = 1e30;  // bytes, rates
constexpr double kLeastSpeed = 1e-30;
constexpr double kLeastTokenStep = 1e-6;            // between points of expert_seconds; keeps slopes finite
constexpr double kExactWhole = 9007199254740992.0;  // 2^53

double optional_number(Reader& place, std::string_view key, double fallback, double most) {
  const auto value = place.optional_member(key);
  return value ? value->number(0, most) : fallback;
}

Link read_link(Reader place) {
  Link link;
  link.intra_bytes_per_second = optional_number(place, "intra_bytes_per_second", 0, kMostQuantity);
  link.nic_bytes_per_second = optional_number(place, "nic_bytes_per_second", 0, kMostQuantity);
  link.host_bytes_per_second = optional_number(place, "host_bytes_per_second", 0, kMostQuantity);
  link.latency_seconds = optional_number(place, "latency_seconds", 0, kMostSeconds);
  place.done();
  return link;
}

std::vector<int> read_slots(const Reader& place, std::size_t devices) {
  if (place.json().is_number()) {
    return std::vector<int>(devices, static_cast<int>(place.integer(1, kMostCells)));
  }
  return narrow(place.integers(devices, 0, kMostCells));
}

std::vector<int> read_dead(const Reader& place, int devices) {
  const std::size_t count = support::array_length(place);
  if (count > static_cast<std::size_t>(devices)) {
    place.fail("at most one entry for each of the " + std::to_string(devices) + " devices");
  }
  std::vector<int> dead = narrow(place.integers(count, 0, devices - 1));
  std::sort(dead.begin(), dead.end());
  const auto twice = std::adjacent_find(dead.begin(), dead.end());
  if (twice != dead.end()) refuse("device " + std::to_string(*twice) + " stands here twice", place.pointer());
  if (count == static_cast<std::size_t>(devices))
    refuse("every device is dead, so nothing can be placed", place.pointer());
  return dead;
}

std::vector<ExpertCost::Point> read_expert_seconds(const Reader& place) {
  const std::size_t count = support::array_length(place);
  if (count < 2) place.fail("at least 2 points [tokens, seconds]");
  const std::vector<double> values = place.number_table(count, 2, 0, std::max(kMostTokens, kMostSeconds));
  std::vector<ExpertCost::Point> points;
  points.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const ExpertCost::Point point{values[2 * i], values[2 * i + 1]};
    const std::string pointer = place.pointer() + "/" + std::to_string(i);
    const auto shown = [](double number) { return support::Json(number).shown(); };
    if (i == 0 && point.tokens != 0) {
      refuse("expected 0 tokens at the first point, got " + shown(point.tokens), pointer + "/0");
    }
    if (i > 0 && point.tokens - points.back().tokens < kLeastTokenStep) {
      refuse("expected more tokens than the " + shown(points.back().tokens) + " of the point before, got " +
                 shown(point.tokens),
             pointer + "/0", "Maybe sort the points by their tokens.");
    }
    if (i > 0 && point.seconds < points.back().seconds) {
      refuse("expected at least the " + shown(points.back().seconds) + " seconds of the point before, got " +
                 shown(point.seconds),
             pointer + "/1", "Maybe replace each value by the running maximum.");
    }
    points.push_back(point);
  }
  return points;
}

}  // namespace

void refuse(const std::string& message, const std::string& pointer, const std::string& advice) {
  throw Error(ErrorCode::input, message, pointer, advice);
}

void check_cells(const std::string& what, std::initializer_list<std::int64_t> sizes, const std::string& pointer) {
  double cells = 1;
  for (const std::int64_t size : sizes) cells *= static_cast<double>(size);
  if (cells <= static_cast<double>(kMostCells)) return;
  refuse(what + " is " + support::number_text(cells) + ", more than the " + std::to_string(kMostCells) +
             " that this version handles",
         pointer);
}

bool optional_boolean(Reader& place, std::string_view key, bool fallback) {
  const auto value = place.optional_member(key);
  return value ? value->boolean() : fallback;
}

std::vector<int> narrow(const std::vector<std::int64_t>& wide) {
  std::vector<int> result;
  result.reserve(wide.size());
  for (const std::int64_t value : wide) result.push_back(static_cast<int>(value));  // the caller checked the range
  return result;
}

void read_head(Reader& root, ExpertInstance& instance) {
  static_cast<void>(root.member("plimsoll").integer(1, 1));
  const Reader problem = root.member("problem");
  if (problem.text() != "experts") problem.fail("\"experts\"");
  if (const auto name = root.optional_member("name")) instance.name = name->text();
}

ExpertModel read_model(Reader place) {
  ExpertModel model;
  model.layers = static_cast<int>(place.member("layers").integer(1, kMostLayers));
  model.experts = static_cast<int>(place.member("experts").integer(1, kMostExperts));
  check_cells("layers * experts", {model.layers, model.experts}, place.pointer() + "/experts");
  if (const auto groups = place.optional_member("groups")) {
    model.groups = static_cast<int>(groups->integer(1, model.experts));
    if (model.experts % model.groups != 0) {
      groups->fail("a divisor of the " + std::to_string(model.experts) + " experts");
    }
  }
  if (const auto top_k = place.optional_member("top_k")) {
    model.top_k = static_cast<int>(top_k->integer(1, model.experts));
  }
  model.expert_bytes = optional_number(place, "expert_bytes", 0, kMostQuantity);
  model.gradient_bytes = optional_number(place, "gradient_bytes", 0, kMostQuantity);
  model.dispatch_token_bytes = optional_number(place, "dispatch_token_bytes", 0, kMostQuantity);
  model.combine_token_bytes = optional_number(place, "combine_token_bytes", 0, kMostQuantity);
  place.done();
  return model;
}

Cluster read_cluster(Reader place, const ExpertModel& model) {
  Cluster cluster;
  cluster.nodes = static_cast<int>(place.member("nodes").integer(1, kMostDevices));
  const Reader per_node = place.member("devices_per_node");
  const std::int64_t devices_per_node = per_node.integer(1, kMostDevices);
  const std::int64_t devices = cluster.nodes * devices_per_node;
  if (devices > kMostDevices) {
    refuse("nodes * devices_per_node is " + std::to_string(devices) + ", more than the " +
               std::to_string(kMostDevices) + " devices that this version handles",
           per_node.pointer());
  }
  cluster.devices_per_node = static_cast<int>(devices_per_node);
  const auto count = static_cast<std::size_t>(devices);

  const Reader slots = place.member("slots");
  cluster.slots = read_slots(slots, count);
  std::int64_t total = 0;
  for (const int device_slots : cluster.slots) total += device_slots;  // at most 1e6 * 5e7
  if (total > kMostCells) {
    refuse("the cluster has " + std::to_string(total) + " slots per layer, more than the " +
               std::to_string(kMostCells) + " that this version handles",
           slots.pointer());
  }
  check_cells("layers * slots", {total, model.layers}, slots.pointer());

  const auto speed = place.optional_member("speed");
  cluster.speed = speed ? speed->numbers(count, kLeastSpeed, kMostQuantity) : std::vector<double>(count, 1.0);
  if (const auto dead = place.optional_member("dead")) cluster.dead = read_dead(*dead, cluster.devices());
  if (const auto memory = place.optional_member("memory_bytes")) {
    cluster.memory_bytes = memory->number(0, kMostQuantity);
    if (model.expert_bytes <= 0) {
      refuse("memory_bytes says nothing without the size of an expert", memory->pointer(),
             "Maybe model.expert_bytes is missing.");
    }
  }
  cluster.duplicates = optional_boolean(place, "duplicates", true);
  cluster.fill_slots = optional_boolean(place, "fill_slots", true);
  if (const auto link = place.optional_member("link")) cluster.link = read_link(*link);
  if (const auto nic = place.optional_member("nic_of_device")) {
    cluster.nic_of_device = narrow(nic->integers(count, 0, devices - 1));
  }
  place.done();
  return cluster;
}

ExpertCost read_cost(Reader& place) {
  ExpertCost cost;
  const auto token_seconds = place.optional_member("token_seconds");
  if (token_seconds) cost.token_seconds = token_seconds->number(0, kMostSeconds);
  cost.replica_seconds = optional_number(place, "replica_seconds", 0, kMostSeconds);
  if (const auto tile = place.optional_member("tile_tokens")) {
    cost.tile_tokens = tile->integer(0, static_cast<std::int64_t>(kMostTokens));
  }
  if (const auto points = place.optional_member("expert_seconds")) {
    cost.expert_seconds = read_expert_seconds(*points);
    // The curve replaces both; token_seconds stays, since the imbalance is measured in it.
    cost.replica_seconds = 0;
    cost.tile_tokens = 0;
  } else if (cost.token_seconds <= 0) {
    token_seconds->fail("a number above 0, unless expert_seconds is given");
  }
  cost.other_seconds = optional_number(place, "other_seconds", 0, kMostSeconds);
  return cost;
}

Dispatch read_dispatch(const Reader& place) {
  const std::string* name = place.json().string();
  if (name != nullptr && *name == "weighted") return Dispatch::weighted;
  if (name != nullptr && *name == "even") return Dispatch::even;
  place.fail("\"weighted\" or \"even\"");
}

void check_whole_loads(const Matrix<double>& load, const std::string& pointer) {
  for (std::size_t layer = 0; layer < load.rows(); ++layer) {
    const std::string row = pointer + "/" + std::to_string(layer);
    double sum = 0;
    for (std::size_t expert = 0; expert < load.columns(); ++expert) {
      const double tokens = load.at(layer, expert);
      sum += tokens;
      if (std::trunc(tokens) == tokens) continue;
      refuse("expected a whole number of tokens, since cost.tile_tokens is given, got " + support::Json(tokens).shown(),
             row + "/" + std::to_string(expert));
    }
    if (sum > kExactWhole) refuse("expected tokens of a layer that sum to at most 2^53", row);
  }
}

Matrix<int> read_placement(const Reader& place, const ExpertInstance& instance) {
  const auto layers = static_cast<std::size_t>(instance.model.layers);
  std::size_t slots = 0;
  for (const int device_slots : instance.cluster.slots) slots += static_cast<std::size_t>(device_slots);
  return {layers, slots, narrow(place.integer_table(layers, slots, -1, instance.model.experts - 1))};
}

void read_move_limits(Reader& place, ExpertInstance& instance) {
  const auto all = place.optional_member("max_moves");
  const auto each = place.optional_member("max_moves_per_device");
  if (all) instance.limits.max_moves = all->integer(0, kMostMoves);
  if (each) instance.limits.max_moves_per_device = each->integer(0, kMostMoves);
}

void read_move_price(Reader& root, ExpertInstance& instance) {
  const auto price = root.optional_member("move_seconds");
  if (price) instance.move_seconds = price->number(0, kMostSeconds);
  if (instance.move_seconds > 0 && !instance.placement) {
    refuse("a price of moves needs to know what stands now", price->pointer(), kPlacementAdvice);
  }
}

}  // namespace plimsoll::experts
