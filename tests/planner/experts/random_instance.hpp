// Seeded random instances with every feature of the format mixed, for tests that compare methods with each other or
// with an exhaustive search.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "plimsoll/experts.hpp"
#include "support/random.hpp"

namespace plimsoll::testing {

struct InstanceSize {
  int most_layers = 2;
  int fewest_experts = 2;
  int most_experts = 4;
  int most_nodes = 2;
  int most_devices = 4;
  int most_slots = 2;        // per device
  int most_total_slots = 7;  // of all devices
  double most_load = 20;
  int most_tiles = 3;  // per expert, so that an exhaustive search can enumerate them
};

class InstanceMaker {
 public:
  InstanceMaker(std::uint64_t seed, const InstanceSize& size) : random_(seed, 77), size_(size) {}

  ExpertInstance make() {
    instance_.name = "random";
    make_shape();
    make_cost();
    make_load();
    if (chance(0.35)) make_memory();
    if (chance(0.5)) make_placement();
    return instance_;
  }

 private:
  bool chance(double probability) { return random_.uniform() < probability; }
  // Uniform in [low, high].
  int between(int low, int high) {
    return low + static_cast<int>(random_.below(static_cast<std::size_t>(high - low + 1)));
  }
  template <class T>
  T any_of(const std::vector<T>& values) {
    return values[random_.below(values.size())];
  }

  void make_shape() {
    auto& model = instance_.model;
    auto& cluster = instance_.cluster;
    model.layers = between(1, size_.most_layers);
    model.experts = between(size_.fewest_experts, size_.most_experts);
    cluster.nodes = between(1, size_.most_nodes);
    cluster.devices_per_node = between(1, size_.most_devices / cluster.nodes);
    const auto devices = static_cast<std::size_t>(cluster.devices());
    cluster.speed.assign(devices, 1.0);
    if (chance(0.4)) {
      for (double& speed : cluster.speed) speed = any_of<double>({0.5, 0.6, 1.0, 2.0});
    }
    const bool uneven = chance(0.4);
    cluster.slots.assign(devices, between(1, size_.most_slots));
    for (int& slots : cluster.slots) {
      if (uneven) slots = between(0, size_.most_slots);
    }
    int total = 0;
    for (int& slots : cluster.slots) {
      slots = std::min(slots, size_.most_total_slots - total);
      total += slots;
    }
    // Most instances have room for every expert: those without a plan test little.
    for (std::size_t round = 0; total < model.experts && round < 3 * devices; ++round) {
      int& slots = cluster.slots[round % devices];
      if (slots < size_.most_slots) ++slots, ++total;
    }
    if (devices > 1 && chance(0.25)) cluster.dead = {between(0, static_cast<int>(devices) - 1)};
    for (const int device : cluster.dead) total -= cluster.slots[static_cast<std::size_t>(device)];
    if (chance(0.95)) model.experts = std::clamp(model.experts, 1, std::max(total, 1));
    cluster.duplicates = chance(0.6);
    cluster.fill_slots = chance(0.5);
    instance_.dispatch = chance(0.5) ? Dispatch::even : Dispatch::weighted;
    std::vector<int> divisors;
    for (int groups = 1; groups <= model.experts; ++groups) {
      if (model.experts % groups == 0) divisors.push_back(groups);
    }
    model.groups = any_of(divisors);
    instance_.keep_groups_on_a_node = cluster.nodes > 1 && chance(0.6);
  }

  void make_cost() {
    auto& cost = instance_.cost;
    cost.token_seconds = any_of<double>({1.0, 1.0, 0.25});
    if (chance(0.3)) cost.replica_seconds = any_of<double>({0.5, 3.0});
    if (chance(0.35)) cost.tile_tokens = any_of<int>({1, 2, 4, 5});
    if (chance(0.2)) make_table();
    if (chance(0.2)) cost.other_seconds = 1.5;
  }

  void make_table() {
    ExpertCost::Point point{0.0, chance(0.3) ? 1.0 : 0.0};
    instance_.cost.expert_seconds = {point};
    for (int points = between(1, 3); points-- > 0;) {
      point.tokens += any_of<double>({2.0, 5.0, 8.0});
      point.seconds += any_of<double>({0.0, 1.0, 4.0, 9.0});
      instance_.cost.expert_seconds.push_back(point);
    }
    // The last segment goes on for ever, and should cost something.
    if (chance(0.9)) instance_.cost.expert_seconds.back().seconds += 2.0;
  }

  void make_load() {
    const auto& model = instance_.model;
    const double tile = static_cast<double>(instance_.cost.tile_tokens);
    const double most = tile > 0 ? std::min(size_.most_load, tile * size_.most_tiles) : size_.most_load;
    instance_.load = Matrix<double>(static_cast<std::size_t>(model.layers), static_cast<std::size_t>(model.experts));
    for (std::size_t layer = 0; layer < instance_.load.rows(); ++layer) {
      const bool skewed = chance(0.5);
      for (double& load : instance_.load.row(layer)) {
        const double part = random_.uniform();
        load = std::floor(most * (skewed ? part * part * part : part) + 0.5);
        if (chance(0.12)) load = 0;
        if (tile == 0 && chance(0.3)) load *= 0.7;
      }
    }
  }

  void make_memory() {
    auto& cluster = instance_.cluster;
    instance_.model.expert_bytes = 100.0;
    const int most = *std::max_element(cluster.slots.begin(), cluster.slots.end()) * instance_.model.layers;
    cluster.memory_bytes = 100.0 * between((2 * most + 2) / 3, most) + any_of<double>({0.0, 50.0});
    // A device whose memory is smaller than its slots cannot fill them.
    if (chance(0.85)) cluster.fill_slots = false;
  }

  void make_placement() {
    const auto& cluster = instance_.cluster;
    int total = 0;
    std::vector<int> live;
    for (int device = 0; device < cluster.devices(); ++device) {
      const bool dead = std::find(cluster.dead.begin(), cluster.dead.end(), device) != cluster.dead.end();
      for (int slot = 0; slot < cluster.slots[static_cast<std::size_t>(device)]; ++slot, ++total) {
        if (!dead) live.push_back(total);
      }
    }
    Matrix<int> placement(static_cast<std::size_t>(instance_.model.layers), static_cast<std::size_t>(total), -1);
    const bool wild = chance(0.2);
    for (std::size_t layer = 0; layer < placement.rows(); ++layer) {
      for (int& expert : placement.row(layer)) expert = chance(0.15) ? -1 : between(0, instance_.model.experts - 1);
      if (wild) continue;
      std::vector<int> order = live;
      for (std::size_t k = order.size(); k > 1; --k) std::swap(order[k - 1], order[random_.below(k)]);
      for (int expert = 0; expert < instance_.model.experts && expert < static_cast<int>(order.size()); ++expert) {
        placement.at(layer, static_cast<std::size_t>(order[static_cast<std::size_t>(expert)])) = expert;
      }
    }
    instance_.placement = std::move(placement);
    const int scale = std::max(1, instance_.model.experts / 4);
    if (chance(0.4)) instance_.limits.max_moves = between(0, 4 * scale);
    if (chance(0.3)) instance_.limits.max_moves_per_device = between(0, 2);
    if (chance(0.4)) instance_.move_seconds = any_of<double>({0.2, 1.0, 5.0});
  }

  support::Random random_;
  InstanceSize size_;
  ExpertInstance instance_;
};

// Small enough for brute_force.hpp.
inline ExpertInstance tiny_instance(std::uint64_t seed) { return InstanceMaker(seed, {}).make(); }

inline ExpertInstance medium_instance(std::uint64_t seed) {
  InstanceSize size;
  size.most_layers = 3;
  size.fewest_experts = 8;
  size.most_experts = 16;
  size.most_devices = 8;
  size.most_slots = 4;
  size.most_total_slots = 32;
  size.most_load = 500;
  size.most_tiles = 1000;
  return InstanceMaker(seed, size).make();
}

}  // namespace plimsoll::testing
