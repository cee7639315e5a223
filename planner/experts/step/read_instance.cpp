#include <algorithm>
#include <numeric>

#include "planner/experts/read_parts.hpp"
#include "planner/experts/step/json.hpp"
#include "planner/experts/step/read_communication.hpp"
#include "planner/experts/step/windows.hpp"
#include "support/npy.hpp"

namespace plimsoll::experts::step {
namespace {

using support::Reader;

constexpr std::size_t kMostMicrosteps = 1'000'000;
constexpr double kMostRatio = 1e6;
constexpr double kExactWhole = 9007199254740992.0;  // 2^53

void read_loads(const Reader& place, StepInstance& instance) {
  const ExpertModel& model = instance.experts.model;
  const std::size_t count = support::array_length(place);
  if (count < 1) place.fail("tables of loads for at least 1 micro-step");
  if (count > kMostMicrosteps) {
    refuse(std::to_string(count) + " micro-steps, more than the " + std::to_string(kMostMicrosteps) +
               " that this version handles",
           place.pointer());
  }
  check_cells("micro-steps * layers * experts", {static_cast<std::int64_t>(count), model.layers, model.experts},
              place.pointer());
  const auto layers = static_cast<std::size_t>(model.layers);
  const auto experts = static_cast<std::size_t>(model.experts);
  const std::vector<double> values = place.number_array({count, layers, experts}, 0, kMostTokens);
  instance.experts.load = Matrix<double>(layers, experts);
  auto next = values.begin();
  for (std::size_t microstep = 0; microstep < count; ++microstep) {
    const auto end = next + static_cast<std::ptrdiff_t>(layers * experts);
    const Matrix<double>& load = instance.load.emplace_back(layers, experts, std::vector<double>(next, end));
    next = end;
    if (instance.experts.cost.tile_tokens >= 1) {
      check_whole_loads(load, place.pointer() + "/" + std::to_string(microstep));
    }
    for (std::size_t layer = 0; layer < layers; ++layer) {
      for (std::size_t expert = 0; expert < experts; ++expert) {
        instance.experts.load.at(layer, expert) += load.at(layer, expert);
      }
    }
  }
  for (std::size_t layer = 0; instance.experts.cost.tile_tokens >= 1 && layer < layers; ++layer) {
    const auto row = instance.experts.load.row(layer);
    if (std::accumulate(row.begin(), row.end(), 0.0) <= kExactWhole) continue;
    refuse("expected tokens of layer " + std::to_string(layer) + " that sum to at most 2^53 over all micro-steps",
           place.pointer());
  }
}

void read_limits(Reader place, StepInstance& instance) {
  if (place.json().object() == nullptr) place.fail("an object");
  const auto each = place.optional_member("transient_slots");
  const auto pool = place.optional_member("transient_pool_slots");
  if (each && pool) {
    refuse("transient slots are given per layer and as a pool", pool->pointer(),
           "Maybe remove one of \"transient_slots\" and \"transient_pool_slots\".");
  }
  if (each) instance.transient_slots = static_cast<int>(each->integer(0, kMostCells));
  if (pool) instance.transient_pool_slots = static_cast<int>(pool->integer(0, kMostCells));
  read_move_limits(place, instance.experts);
  place.done();
  const ExpertLimits& moves = instance.experts.limits;
  if ((moves.max_moves || moves.max_moves_per_device) && !instance.experts.placement) {
    refuse("limits of moves need to know what stands now", place.pointer(), kPlacementAdvice);
  }
}

// Every slot of every layer has a place in each micro-step of a plan.
void check_columns(const StepInstance& instance, const Reader& root) {
  std::int64_t columns = static_cast<std::int64_t>(instance.transient_columns()) * instance.experts.cluster.devices();
  for (const int slots : instance.experts.cluster.slots) columns += slots;
  const bool transient = instance.transient_columns() > 0;
  check_cells(transient ? "micro-steps * layers * (slots and transient slots)" : "micro-steps * layers * slots",
              {instance.microsteps(), instance.experts.model.layers, columns},
              root.pointer() + (transient ? "/limits" : "/microsteps"));
}

ScheduledPass read_pass(const Reader& place, int microsteps) {
  if (place.json().array() == nullptr || place.json().array()->size() != 2) {
    place.fail("a pass: [\"F\" or \"B\", micro-step]");
  }
  const std::vector<Reader> parts = place.elements();
  const std::string* name = parts[0].json().string();
  if (name == nullptr || (*name != "F" && *name != "B")) parts[0].fail("\"F\" (forward) or \"B\" (backward)");
  return {*name == "F" ? Pass::forward : Pass::backward, static_cast<int>(parts[1].integer(0, microsteps - 1))};
}

std::vector<ScheduledPass> read_schedule(const Reader& place, int microsteps) {
  std::vector<ScheduledPass> schedule;
  std::vector<bool> forward(static_cast<std::size_t>(microsteps), false);
  std::vector<bool> backward = forward;
  for (const Reader& element : place.elements()) {
    const ScheduledPass pass = read_pass(element, microsteps);
    const auto m = static_cast<std::size_t>(pass.microstep);
    const std::string name = "micro-step " + std::to_string(pass.microstep);
    if (pass.pass == Pass::backward && !forward[m]) {
      refuse(name + " goes backward before it has gone forward", element.pointer());
    }
    auto& seen = pass.pass == Pass::forward ? forward : backward;
    if (seen[m]) {
      refuse(name + " goes " + (pass.pass == Pass::forward ? "forward" : "backward") + " twice", element.pointer());
    }
    seen[m] = true;
    schedule.push_back(pass);
  }
  const auto missing = std::find(forward.begin(), forward.end(), false);
  if (missing != forward.end()) {
    refuse("micro-step " + std::to_string(missing - forward.begin()) + " never goes forward", place.pointer());
  }
  return schedule;
}

}  // namespace

bool is_step(const common::Document& document) { return document.json.find("microsteps") != nullptr; }

StepInstance read_instance(const common::Document& document) {
  document.attachments.contents.clear();  // reading twice must not change the identity
  Reader root(document.json, "", &document.attachments);
  StepInstance instance;
  ExpertInstance& experts = instance.experts;
  read_head(root, experts);
  const Reader loads = root.member("microsteps");
  if (root.json().find("load") != nullptr) {
    refuse("\"load\" and \"microsteps\" are given, expected one of them", "/load",
           "Maybe remove \"load\": it is the sum over micro-steps.");
  }
  experts.model = read_model(root.member("model"));
  experts.cluster = read_cluster(root.member("cluster"), experts.model);
  if (auto cost = root.optional_member("cost")) {
    if (cost->json().object() == nullptr) cost->fail("an object");
    if (const auto ratio = cost->optional_member("backward_ratio")) {
      instance.backward_ratio = ratio->number(0, kMostRatio);
    }
    experts.cost = read_cost(*cost);
    cost->done();
  }
  if (const auto dispatch = root.optional_member("dispatch")) experts.dispatch = read_dispatch(*dispatch);
  read_loads(loads, instance);
  experts.keep_groups_on_a_node = optional_boolean(root, "keep_groups_on_a_node", false);
  if (const auto placement = root.optional_member("placement")) {
    experts.placement = read_placement(*placement, experts);
  }
  if (const auto limits = root.optional_member("limits")) read_limits(*limits, instance);
  check_columns(instance, root);
  read_move_price(root, experts);
  if (const auto sources = root.optional_member("sources")) read_sources(*sources, instance);
  if (const auto communication = root.optional_member("communication")) {
    read_communication(*communication, instance);
  }
  instance.gradient_return = optional_boolean(root, "gradient_return", false);
  const auto schedule = root.optional_member("schedule");
  instance.schedule = schedule ? read_schedule(*schedule, instance.microsteps())
                               : default_schedule(instance.microsteps(), instance.gradient_return);
  root.done();
  return instance;
}

}  // namespace plimsoll::experts::step
