#include "planner/experts/step/judge_step.hpp"

#include <algorithm>
#include <tuple>

namespace plimsoll::experts::step {
namespace {

using std::to_string;

std::vector<int> all_slots(const StepInstance& instance) {
  std::vector<int> slots = instance.experts.cluster.slots;
  for (int& count : slots) count += instance.transient_columns();
  return slots;
}

}  // namespace

StepJudge::StepJudge(const StepInstance& instance, const StepPlan& plan, Violations& violations)
    : instance_(instance),
      plan_(plan),
      violations_(violations),
      rows_(instance.experts, all_slots(instance), instance.transient_columns(), violations) {}

bool StepJudge::shapes_fit() {
  const auto layers = static_cast<std::size_t>(instance_.experts.model.layers);
  const auto fits = [&](const auto& table, const std::string& name) {
    if (table.rows() == layers && table.columns() == rows_.columns()) return true;
    violations_.add("/plan/" + name + ": expected " + to_string(layers) + " rows of " + to_string(rows_.columns()) +
                    " slots");
    return false;
  };
  if (!fits(plan_.base, "base")) return false;
  if (plan_.microsteps.size() != instance_.load.size()) {
    violations_.add("/plan/microsteps: expected " + to_string(instance_.load.size()) + " micro-steps, found " +
                    to_string(plan_.microsteps.size()));
    return false;
  }
  for (std::size_t m = 0; m < plan_.microsteps.size(); ++m) {
    const ExpertPlan& microstep = plan_.microsteps[m];
    const std::string place = "microsteps/" + to_string(m) + "/";
    if (!fits(microstep.slots, place + "slots") || !fits(microstep.shares, place + "shares")) return false;
    if (rows_.tiled() && !fits(microstep.tokens, place + "tokens")) return false;
  }
  return true;
}

void StepJudge::judge_base() {
  for (std::size_t layer = 0; layer < plan_.base.rows() && !violations_.full(); ++layer) {
    rows_.judge_slots({layer, -1, "base"}, plan_.base.row(layer));
  }
  if (instance_.transient_pool_slots > 0) judge_pool_base();
  judge_memory(instance_.experts, held_by_device(), "base", "base replicas and transient slots", violations_);
}

// A column of a pool that holds an expert by base serves that layer alone.
void StepJudge::judge_pool_base() {
  pool_layer_.assign(rows_.columns(), -1);
  for (std::size_t layer = 0; layer < plan_.base.rows() && !violations_.full(); ++layer) {
    for (std::size_t column = 0; column < rows_.columns(); ++column) {
      if (!rows_.transient(column) || plan_.base.at(layer, column) == -1) continue;
      if (pool_layer_[column] >= 0) {
        violations_.add(RowPlace{layer, -1, "base"}.of("base", column) + "this slot of the pool holds expert " +
                        to_string(plan_.base.at(static_cast<std::size_t>(pool_layer_[column]), column)) + " of layer " +
                        to_string(pool_layer_[column]) + " for the whole step");
      } else {
        pool_layer_[column] = static_cast<int>(layer);
      }
    }
  }
}

void StepJudge::judge_pool_row(const RowPlace& place, std::span<const int> slots) {
  for (std::size_t column = 0; column < slots.size(); ++column) {
    const int layer = pool_layer_[column];
    if (layer < 0 || layer == static_cast<int>(place.layer) || slots[column] == -1) continue;
    if (plan_.base.at(place.layer, column) != -1) continue;  // said before
    violations_.add(place.of("slots", column) + "this slot of the pool holds expert " +
                    to_string(plan_.base.at(static_cast<std::size_t>(layer), column)) + " of layer " +
                    to_string(layer) + " for the whole step");
  }
}

// Replicas in base slots, and all transient slots whether they hold something or not.
std::vector<std::int64_t> StepJudge::held_by_device() const {
  const std::int64_t reserved = static_cast<std::int64_t>(instance_.transient_slots) * instance_.experts.model.layers +
                                instance_.transient_pool_slots;
  std::vector<std::int64_t> held(static_cast<std::size_t>(instance_.experts.cluster.devices()), 0);
  for (std::size_t device = 0; device < held.size(); ++device) held[device] = rows_.alive(device) ? reserved : 0;
  for (std::size_t layer = 0; layer < plan_.base.rows(); ++layer) {
    for (std::size_t column = 0; column < rows_.columns(); ++column) {
      const std::size_t device = rows_.device_of_slot(column);
      if (rows_.transient(column) || !rows_.alive(device)) continue;
      if (rows_.expert_of(plan_.base.at(layer, column)) >= 0) ++held[device];
    }
  }
  return held;
}

void StepJudge::collect_replicas(const RowPlace& place, std::span<const int> slots, std::span<const int> base) {
  const auto first = static_cast<std::ptrdiff_t>(replicas_.size());
  for (std::size_t column = 0; column < slots.size(); ++column) {
    const std::size_t device = rows_.device_of_slot(column);
    if (!rows_.transient(column) || base[column] != -1 || rows_.expert_of(slots[column]) < 0) continue;
    if (!rows_.alive(device)) continue;
    replicas_.push_back({place.microstep, static_cast<int>(place.layer), slots[column], static_cast<int>(device),
                         static_cast<int>(column)});
  }
  std::sort(replicas_.begin() + first, replicas_.end(), [](const auto& left, const auto& right) {
    return std::tie(left.expert, left.column) < std::tie(right.expert, right.column);
  });
}

void StepJudge::judge_microsteps(Evaluation& result) {
  const auto layers = static_cast<std::size_t>(instance_.experts.model.layers);
  const auto devices = static_cast<std::size_t>(instance_.experts.cluster.devices());
  Imbalance imbalance(instance_.experts);
  for (std::size_t m = 0; m < plan_.microsteps.size(); ++m) {
    const ExpertPlan& microstep = plan_.microsteps[m];
    Matrix<double>& device_seconds = result.device_seconds.emplace_back(layers, devices, 0.0);
    for (std::size_t layer = 0; layer < layers; ++layer) {
      if (violations_.full()) return;
      const RowPlace place{layer, static_cast<int>(m)};
      PlanRow row{microstep.slots.row(layer), microstep.shares.row(layer), {}};
      if (rows_.tiled()) row.tokens = microstep.tokens.row(layer);
      const auto base = plan_.base.row(layer);
      const auto load = instance_.load[m].row(layer);
      const auto seconds = device_seconds.row(layer);
      rows_.judge_slots(place, row.slots, base);
      if (!pool_layer_.empty()) judge_pool_row(place, row.slots);
      rows_.judge_shares(place, row, load, seconds);
      collect_replicas(place, row.slots, base);
      imbalance.add(load, *std::max_element(seconds.begin(), seconds.end()));
    }
  }
  result.metrics.imbalance = imbalance.mean();
  result.metrics.worst_imbalance = imbalance.worst();
  result.metrics.moves = judge_moves(instance_.experts, rows_, plan_.base, "base", violations_);
  result.metrics.moved_bytes = static_cast<double>(result.metrics.moves) * instance_.experts.model.expert_bytes;
}

std::vector<int> StepJudge::device_of_column() const {
  std::vector<int> devices(rows_.columns());
  for (std::size_t column = 0; column < devices.size(); ++column) {
    devices[column] = static_cast<int>(rows_.device_of_slot(column));
  }
  return devices;
}

std::vector<bool> StepJudge::alive() const {
  std::vector<bool> alive(static_cast<std::size_t>(instance_.experts.cluster.devices()));
  for (std::size_t device = 0; device < alive.size(); ++device) alive[device] = rows_.alive(device);
  return alive;
}

}  // namespace plimsoll::experts::step
