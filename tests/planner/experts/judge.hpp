// A second opinion on a plan, written from docs/formats.md alone: whether it holds, and what it costs. The tests
// compare planner/experts/evaluate.cpp with it.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "plimsoll/experts.hpp"

namespace plimsoll::testing {

class Judgement {
 public:
  Judgement(const ExpertInstance& instance, const ExpertPlan& plan) : instance_(instance), plan_(plan) {
    const auto& cluster = instance.cluster;
    for (int device = 0; device < cluster.devices(); ++device) {
      const bool dead = std::count(cluster.dead.begin(), cluster.dead.end(), device) > 0;
      for (int slot = 0; slot < cluster.slots[static_cast<std::size_t>(device)]; ++slot) {
        device_.push_back(device);
        dead_.push_back(dead);
      }
    }
  }

  // Nothing where the plan breaks a rule.
  std::optional<double> objective() {
    const auto layers = static_cast<std::size_t>(instance_.model.layers);
    if (!fits(plan_.slots, layers) || !fits(plan_.shares, layers)) return std::nullopt;
    if (tiled() && !fits(plan_.tokens, layers)) return std::nullopt;
    double sum = 0;
    for (std::size_t layer = 0; layer < layers; ++layer) {
      if (!slots_hold(layer) || !shares_hold(layer)) return std::nullopt;
      sum += layer_seconds(layer) + instance_.cost.other_seconds;
    }
    if (!memory_holds() || !moves_hold()) return std::nullopt;
    return sum + instance_.move_seconds * static_cast<double>(moves_);
  }

 private:
  [[nodiscard]] bool tiled() const { return instance_.cost.tile_tokens > 0 && instance_.cost.expert_seconds.empty(); }

  template <class T>
  [[nodiscard]] bool fits(const Matrix<T>& table, std::size_t layers) const {
    return table.rows() == layers && table.columns() == device_.size();
  }

  bool slots_hold(std::size_t layer) {
    std::map<int, int> replicas;
    std::map<int, std::set<int>> nodes_of_group;
    std::set<std::pair<int, int>> held;
    for (std::size_t slot = 0; slot < device_.size(); ++slot) {
      const int expert = plan_.slots.at(layer, slot);
      if (expert < -1 || expert >= instance_.model.experts) return false;
      if (expert == -1) {
        if (instance_.cluster.fill_slots && !dead_[slot]) return false;
        continue;
      }
      if (dead_[slot]) return false;
      if (!held.emplace(device_[slot], expert).second && !instance_.cluster.duplicates) return false;
      ++replicas[expert];
      ++bytes_[device_[slot]];
      nodes_of_group[expert / (instance_.model.experts / instance_.model.groups)].insert(
          device_[slot] / instance_.cluster.devices_per_node);
    }
    for (const auto& [group, nodes] : nodes_of_group) {
      if (instance_.keep_groups_on_a_node && nodes.size() > 1) return false;
    }
    count_moves(layer, held);
    replicas_ = replicas;
    return static_cast<int>(replicas.size()) == instance_.model.experts;
  }

  void count_moves(std::size_t layer, const std::set<std::pair<int, int>>& held) {
    if (!instance_.placement) return;
    std::set<std::pair<int, int>> stood;
    for (std::size_t slot = 0; slot < device_.size(); ++slot) {
      stood.emplace(device_[slot], instance_.placement->at(layer, slot));
    }
    for (const auto& pair : held) {
      if (stood.count(pair) > 0) continue;
      ++moves_;
      ++arrivals_[pair.first];
    }
  }

  [[nodiscard]] bool shares_hold(std::size_t layer) const {
    std::map<int, double> sum;
    std::map<int, std::int64_t> tokens;
    std::map<int, int> seen;
    for (std::size_t slot = 0; slot < device_.size(); ++slot) {
      const int expert = plan_.slots.at(layer, slot);
      const double share = plan_.shares.at(layer, slot);
      const std::int64_t count = tiled() ? plan_.tokens.at(layer, slot) : 0;
      if (!(share >= 0) || !std::isfinite(share) || count < 0) return false;
      if (expert < 0) {
        if (share != 0 || count != 0) return false;
        continue;
      }
      const double load = instance_.load.at(layer, static_cast<std::size_t>(expert));
      if (static_cast<double>(count) > load) return false;
      sum[expert] += share;
      tokens[expert] += count;
      if (tiled() && load > 0 && std::abs(share - static_cast<double>(count) / load) > 1e-9) return false;
      if (instance_.dispatch == Dispatch::weighted) continue;
      const int replicas = replicas_.at(expert);
      const int rank = seen[expert]++;
      const auto whole = static_cast<std::int64_t>(load);
      if (tiled() && count != whole / replicas + (rank < whole % replicas ? 1 : 0)) return false;
      if (!(tiled() && load > 0) && std::abs(share - 1.0 / replicas) > 1e-9) return false;
    }
    for (const auto& [expert, total] : sum) {
      if (std::abs(total - 1) > 1e-9) return false;
      const double load = instance_.load.at(layer, static_cast<std::size_t>(expert));
      if (tiled() && static_cast<double>(tokens[expert]) != load) return false;
    }
    return true;
  }

  [[nodiscard]] double seconds(double tokens) const {
    const auto& points = instance_.cost.expert_seconds;
    if (points.empty()) {
      const auto tile = static_cast<double>(instance_.cost.tile_tokens);
      if (tokens <= 0) return 0;
      return instance_.cost.token_seconds * (tile > 0 ? std::ceil(tokens / tile) * tile : tokens) +
             instance_.cost.replica_seconds;
    }
    std::size_t k = 1;
    while (k + 1 < points.size() && tokens > points[k].tokens) ++k;
    const double part = (tokens - points[k - 1].tokens) / (points[k].tokens - points[k - 1].tokens);
    return points[k - 1].seconds * (1 - part) + points[k].seconds * part;
  }

  [[nodiscard]] double layer_seconds(std::size_t layer) const {
    std::map<int, double> sum;
    for (std::size_t slot = 0; slot < device_.size(); ++slot) {
      const int expert = plan_.slots.at(layer, slot);
      if (expert < 0) continue;
      const double tokens =
          tiled() ? static_cast<double>(plan_.tokens.at(layer, slot))
                  : plan_.shares.at(layer, slot) * instance_.load.at(layer, static_cast<std::size_t>(expert));
      sum[device_[slot]] += seconds(tokens);
    }
    double latest = 0;
    for (const auto& [device, total] : sum) {
      latest = std::max(latest, total / instance_.cluster.speed[static_cast<std::size_t>(device)]);
    }
    return latest;
  }

  [[nodiscard]] bool memory_holds() const {
    return std::all_of(bytes_.begin(), bytes_.end(), [&](const auto& held) {
      return !instance_.cluster.memory_bytes ||
             held.second * instance_.model.expert_bytes <= *instance_.cluster.memory_bytes;
    });
  }

  [[nodiscard]] bool moves_hold() const {
    const auto& limits = instance_.limits;
    if (limits.max_moves && moves_ > *limits.max_moves) return false;
    return std::all_of(arrivals_.begin(), arrivals_.end(), [&](const auto& arrivals) {
      return !limits.max_moves_per_device || arrivals.second <= *limits.max_moves_per_device;
    });
  }

  const ExpertInstance& instance_;
  const ExpertPlan& plan_;
  std::vector<int> device_;      // [slots]
  std::vector<bool> dead_;       // [slots]
  std::map<int, int> replicas_;  // of the layer at hand
  std::map<int, int> bytes_;     // replicas per device, all layers
  std::map<int, std::int64_t> arrivals_;
  std::int64_t moves_ = 0;
};

// The objective of a plan; nothing where it breaks a rule.
inline std::optional<double> judge(const ExpertInstance& instance, const ExpertPlan& plan) {
  return Judgement(instance, plan).objective();
}

}  // namespace plimsoll::testing
