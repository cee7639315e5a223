// Random rows of slots for a step: what stands for the whole step, and shares for what stands.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "plimsoll/step.hpp"
#include "support/random.hpp"
#include "tests/planner/experts/judge.hpp"

namespace plimsoll::testing {

// Columns of a step, worked out here so that the tests need not trust the planner's own.
struct StepColumns {
  explicit StepColumns(const StepInstance& step) {
    const auto& cluster = step.experts.cluster;
    for (int device = 0; device < cluster.devices(); ++device) {
      const int base = cluster.slots[static_cast<std::size_t>(device)];
      for (int slot = 0; slot < base + step.transient_slots + step.transient_pool_slots; ++slot) {
        device_of.push_back(device);
        node_of.push_back(device / cluster.devices_per_node);
        transient.push_back(slot >= base);
        alive.push_back(std::find(cluster.dead.begin(), cluster.dead.end(), device) == cluster.dead.end());
      }
    }
  }
  [[nodiscard]] std::size_t count() const { return device_of.size(); }
  std::vector<int> device_of;
  std::vector<int> node_of;
  std::vector<bool> transient;
  std::vector<bool> alive;
};

// The static instance of all columns, as testing::judge understands it; loads are the step's sums.
inline ExpertInstance wide_instance(const StepInstance& step) {
  ExpertInstance wide = step.experts;
  const StepColumns columns(step);
  for (int& slots : wide.cluster.slots) slots += step.transient_columns();
  wide.cluster.memory_bytes.reset();
  wide.cluster.fill_slots = false;
  if (!wide.placement) return wide;
  Matrix<int> placement(static_cast<std::size_t>(wide.model.layers), columns.count(), -1);
  for (std::size_t layer = 0; layer < placement.rows(); ++layer) {
    std::size_t from = 0;
    for (std::size_t column = 0; column < columns.count(); ++column) {
      if (!columns.transient[column]) placement.at(layer, column) = step.experts.placement->at(layer, from++);
    }
  }
  wide.placement = std::move(placement);
  return wide;
}

// Shares (and tokens) of a row as the dispatch allows them, at random.
inline void random_shares(const ExpertInstance& instance, std::span<const double> load, ExpertPlan& plan,
                          std::size_t layer, support::Random& random) {
  const bool tiled = instance.cost.tile_tokens > 0 && instance.cost.expert_seconds.empty();
  const auto slots = plan.slots.row(layer);
  for (int expert = 0; expert < instance.model.experts; ++expert) {
    std::vector<std::size_t> held;
    for (std::size_t column = 0; column < slots.size(); ++column) {
      if (slots[column] == expert) held.push_back(column);
    }
    const double tokens = load[static_cast<std::size_t>(expert)];
    std::int64_t left = static_cast<std::int64_t>(tokens);
    double rest = 1.0;
    const bool split = random.uniform() < 0.7;
    for (std::size_t k = 0; k < held.size(); ++k) {
      const auto others = static_cast<std::int64_t>(held.size() - k);
      double& share = plan.shares.at(layer, held[k]);
      if (instance.dispatch == Dispatch::even) {
        share = 1.0 / static_cast<double>(held.size());
      } else {
        share = others == 1 ? rest : split ? rest * random.uniform() : 0.0;
      }
      rest -= share;
      if (!tiled) continue;
      std::int64_t part = left;
      if (instance.dispatch == Dispatch::even) {
        part = (left + others - 1) / others;
      } else if (others > 1) {
        part = split ? static_cast<std::int64_t>(random.below(static_cast<std::size_t>(left) + 1)) : 0;
      }
      plan.tokens.at(layer, held[k]) = part;
      left -= part;
      if (tokens > 0) share = static_cast<double>(part) / tokens;
    }
  }
}

class BaseMaker {
 public:
  BaseMaker(const StepInstance& step, support::Random& random)
      : step_(step), random_(random), columns_(step), wide_(wide_instance(step)) {}

  // Nothing where it found none.
  std::optional<Matrix<int>> make() {
    for (int attempt = 0; attempt < 60; ++attempt) {
      if (build() && holds()) return base_;
    }
    return std::nullopt;
  }

 private:
  [[nodiscard]] bool chance(double probability) { return random_.uniform() < probability; }
  [[nodiscard]] int group(int expert) const {
    return expert / (step_.experts.model.experts / step_.experts.model.groups);
  }

  // May the column take the expert, given what stands in the layer?
  [[nodiscard]] bool fits(std::size_t layer, std::size_t column, int expert) const {
    if (!columns_.alive[column] || base_.at(layer, column) >= 0) return false;
    const auto device = static_cast<std::size_t>(columns_.device_of[column]);
    if (!columns_.transient[column] && budget_[device] <= 0) return false;
    if (columns_.transient[column] && step_.transient_pool_slots > 0 && pooled_[column]) return false;
    for (std::size_t other = 0; other < columns_.count(); ++other) {
      const int held = base_.at(layer, other);
      if (held < 0) continue;
      if (held == expert && columns_.device_of[other] == columns_.device_of[column] &&
          !step_.experts.cluster.duplicates) {
        return false;
      }
      if (step_.experts.keep_groups_on_a_node && group(held) == group(expert) &&
          columns_.node_of[other] != columns_.node_of[column]) {
        return false;
      }
    }
    return true;
  }

  void put(std::size_t layer, std::size_t column, int expert) {
    base_.at(layer, column) = expert;
    if (columns_.transient[column]) {
      pooled_[column] = true;
    } else {
      --budget_[static_cast<std::size_t>(columns_.device_of[column])];
    }
  }

  bool build() {
    const auto layers = static_cast<std::size_t>(step_.experts.model.layers);
    const auto& cluster = step_.experts.cluster;
    base_ = Matrix<int>(layers, columns_.count(), -1);
    pooled_.assign(columns_.count(), false);
    std::int64_t most = 1'000'000;
    if (cluster.memory_bytes && step_.experts.model.expert_bytes > 0) {
      most = static_cast<std::int64_t>(*cluster.memory_bytes / step_.experts.model.expert_bytes) -
             step_.transient_slots * step_.experts.model.layers - step_.transient_pool_slots;
      if (most < 0) return false;
    }
    budget_.assign(static_cast<std::size_t>(cluster.devices()), most);
    const bool from_placement = wide_.placement && chance(0.8);
    const bool uses_transient = chance(0.4);
    for (std::size_t layer = 0; layer < layers; ++layer) {
      if (from_placement) keep_placement(layer);
      if (!place_all(layer, uses_transient) || !fill(layer)) return false;
    }
    return true;
  }

  // What stands and may stay. Often not more than one replica of an expert, so that there is room for the others.
  void keep_placement(std::size_t layer) {
    std::vector<bool> seen(static_cast<std::size_t>(step_.experts.model.experts), false);
    for (const bool again : {false, true}) {
      for (std::size_t column = 0; column < columns_.count(); ++column) {
        const int expert = wide_.placement->at(layer, column);
        if (expert < 0 || seen[static_cast<std::size_t>(expert)] != again || !fits(layer, column, expert)) continue;
        if (again && chance(0.5)) continue;
        seen[static_cast<std::size_t>(expert)] = true;
        put(layer, column, expert);
      }
    }
  }

  bool place_all(std::size_t layer, bool uses_transient) {
    std::vector<int> missing;
    for (int expert = 0; expert < step_.experts.model.experts; ++expert) {
      const auto row = base_.row(layer);
      if (std::find(row.begin(), row.end(), expert) == row.end()) missing.push_back(expert);
    }
    for (std::size_t k = missing.size(); k > 1; --k) std::swap(missing[k - 1], missing[random_.below(k)]);
    for (const int expert : missing) {
      std::vector<std::size_t> free;
      for (std::size_t column = 0; column < columns_.count(); ++column) {
        if (columns_.transient[column] && !uses_transient) continue;
        if (fits(layer, column, expert)) free.push_back(column);
      }
      if (free.empty()) return false;
      put(layer, free[random_.below(free.size())], expert);
    }
    return true;
  }

  bool fill(std::size_t layer) {
    for (std::size_t column = 0; column < columns_.count(); ++column) {
      if (base_.at(layer, column) >= 0 || !columns_.alive[column]) continue;
      const bool must = step_.experts.cluster.fill_slots && !columns_.transient[column];
      if (!must && !chance(columns_.transient[column] ? 0.1 : 0.4)) continue;
      std::vector<int> fitting;
      for (int expert = 0; expert < step_.experts.model.experts; ++expert) {
        if (fits(layer, column, expert)) fitting.push_back(expert);
      }
      if (!fitting.empty()) put(layer, column, fitting[random_.below(fitting.size())]);
      if (fitting.empty() && must) return false;
    }
    return true;
  }

  // The rest (limits of moves) is left to the second opinion on static plans.
  [[nodiscard]] bool holds() {
    ExpertPlan plan{base_, Matrix<double>(base_.rows(), base_.columns(), 0.0), {}};
    plan.tokens = Matrix<std::int64_t>(base_.rows(), base_.columns(), 0);
    for (std::size_t layer = 0; layer < base_.rows(); ++layer) {
      random_shares(wide_, wide_.load.row(layer), plan, layer, random_);
    }
    return judge(wide_, plan).has_value();
  }

  const StepInstance& step_;
  support::Random& random_;
  StepColumns columns_;
  ExpertInstance wide_;
  Matrix<int> base_;
  std::vector<bool> pooled_;          // [columns] a transient column that holds something by base
  std::vector<std::int64_t> budget_;  // [devices] replicas that the memory still holds
};

}  // namespace plimsoll::testing
