#include "planner/experts/evaluate.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <set>
#include <utility>

#include "planner/experts/cost_curve.hpp"

namespace plimsoll::experts {
namespace {

constexpr double share_tolerance = 1e-9;
constexpr std::size_t most_violations = 1000;

std::string place(std::string_view field, std::size_t layer, std::size_t slot) {
  return "/plan/" + std::string(field) + "/" + std::to_string(layer) + "/" + std::to_string(slot) + ": ";
}

class Judge {
 public:
  Judge(const ExpertInstance& instance, const ExpertPlan& plan)
      : instance_(instance),
        plan_(plan),
        curve_(instance.cost),
        layers_(static_cast<std::size_t>(instance.model.layers)),
        experts_(static_cast<std::size_t>(instance.model.experts)),
        devices_(static_cast<std::size_t>(instance.cluster.devices())),
        alive_(devices_, true),
        held_(devices_, 0) {
    for (const int device : instance.cluster.dead) alive_[static_cast<std::size_t>(device)] = false;
    for (std::size_t device = 0; device < devices_; ++device) {
      for (int slot = 0; slot < instance.cluster.slots[device]; ++slot) device_of_slot_.push_back(device);
    }
  }

  Evaluation run() {
    if (!shapes_fit()) return std::move(result_);
    result_.device_seconds = Matrix<double>(layers_, devices_, 0.0);
    result_.layer_seconds.assign(layers_, 0.0);
    for (std::size_t layer = 0; layer < layers_; ++layer) {
      judge_slots(layer);
      if (result_.violations.size() > most_violations) return std::move(result_);
      judge_groups(layer);
      time_layer(layer);
    }
    judge_memory();
    count_moves();
    sum_up();
    return std::move(result_);
  }

 private:
  void complain(std::string sentence) { result_.violations.push_back(std::move(sentence)); }

  bool shapes_fit() {
    const auto fits = [&](const auto& table, const char* name) {
      if (table.rows() == layers_ && table.columns() == device_of_slot_.size()) return true;
      complain("/plan/" + std::string(name) + ": expected " + std::to_string(layers_) + " rows of " +
               std::to_string(device_of_slot_.size()) + " slots");
      return false;
    };
    if (curve_.tiled() && !fits(plan_.tokens, "tokens")) return false;
    return fits(plan_.slots, "slots") && fits(plan_.shares, "shares");
  }

  // Who holds what: slots in range, dead devices empty, every expert somewhere, duplicates and empty slots as allowed.
  void judge_slots(std::size_t layer) {
    const auto slots = plan_.slots.row(layer);
    replicas_.assign(experts_, 0);
    for (std::size_t slot = 0; slot < slots.size(); ++slot) {
      const std::size_t device = device_of_slot_[slot];
      const int expert = slots[slot];
      if (expert < -1 || expert >= static_cast<int>(experts_)) {
        complain(place("slots", layer, slot) + "expert " + std::to_string(expert) + " does not exist");
      } else if (expert == -1) {
        if (instance_.cluster.fill_slots && alive_[device]) {
          complain(place("slots", layer, slot) + "empty, and fill_slots is set (device " + std::to_string(device) +
                   ")");
        }
      } else if (!alive_[device]) {
        complain(place("slots", layer, slot) + "device " + std::to_string(device) + " is dead and may hold nothing");
      } else {
        ++replicas_[static_cast<std::size_t>(expert)];
        ++held_[device];
        if (!instance_.cluster.duplicates) {
          for (std::size_t other = slot; other-- > 0 && device_of_slot_[other] == device;) {
            if (slots[other] == expert) {
              complain(place("slots", layer, slot) + "device " + std::to_string(device) + " holds expert " +
                       std::to_string(expert) + " twice, and duplicates are forbidden");
            }
          }
        }
      }
    }
    for (std::size_t expert = 0; expert < experts_; ++expert) {
      if (replicas_[expert] == 0) {
        complain("/plan/slots/" + std::to_string(layer) + ": expert " + std::to_string(expert) + " has no replica");
      }
    }
  }

  void judge_groups(std::size_t layer) {
    if (!instance_.keep_groups_on_a_node) return;
    const std::size_t size = experts_ / static_cast<std::size_t>(instance_.model.groups);
    std::vector<int> home(static_cast<std::size_t>(instance_.model.groups), -1);
    const auto slots = plan_.slots.row(layer);
    for (std::size_t slot = 0; slot < slots.size(); ++slot) {
      if (slots[slot] < 0 || slots[slot] >= static_cast<int>(experts_)) continue;
      const int node = static_cast<int>(device_of_slot_[slot]) / instance_.cluster.devices_per_node;
      int& known = home[static_cast<std::size_t>(slots[slot]) / size];
      if (known == -1) known = node;
      if (known != node) {
        complain(place("slots", layer, slot) + "expert " + std::to_string(slots[slot]) + " stands on node " +
                 std::to_string(node) + ", its group " + std::to_string(static_cast<std::size_t>(slots[slot]) / size) +
                 " already on node " + std::to_string(known));
      }
    }
  }

  // Shares (or tokens) per expert, then seconds per device.
  void time_layer(std::size_t layer) {
    const auto slots = plan_.slots.row(layer);
    const auto shares = plan_.shares.row(layer);
    const auto load = instance_.load.row(layer);
    std::vector<double> share_sum(experts_, 0.0);
    std::vector<std::int64_t> token_sum(experts_, 0);
    std::vector<std::int64_t> seen(experts_, 0);
    for (std::size_t slot = 0; slot < slots.size(); ++slot) {
      if (slots[slot] < 0 || slots[slot] >= static_cast<int>(experts_)) {
        if (!(shares[slot] == 0.0)) complain(place("shares", layer, slot) + "an empty slot has a share");
        if (curve_.tiled() && plan_.tokens.at(layer, slot) != 0) {
          complain(place("tokens", layer, slot) + "an empty slot has tokens");
        }
        continue;
      }
      if (!(shares[slot] >= 0.0) || !std::isfinite(shares[slot])) {
        complain(place("shares", layer, slot) + "a share must be at least 0");
        continue;
      }
      const auto expert = static_cast<std::size_t>(slots[slot]);
      share_sum[expert] += shares[slot];
      if (curve_.tiled()) judge_tokens(layer, slot, load[expert], token_sum[expert]);
      if (instance_.dispatch == Dispatch::even) judge_even(layer, slot, load[expert], seen[expert]++);
    }
    for (std::size_t expert = 0; expert < experts_; ++expert) {
      if (replicas_[expert] == 0) continue;
      if (!(std::abs(share_sum[expert] - 1.0) <= share_tolerance)) {
        complain("/plan/shares/" + std::to_string(layer) + ": the shares of expert " + std::to_string(expert) +
                 " sum to " + std::to_string(share_sum[expert]) + ", expected 1");
      }
      if (curve_.tiled() && static_cast<double>(token_sum[expert]) != load[expert]) {
        complain("/plan/tokens/" + std::to_string(layer) + ": the tokens of expert " + std::to_string(expert) +
                 " sum to " + std::to_string(token_sum[expert]) + ", its load is " +
                 std::to_string(static_cast<std::int64_t>(load[expert])));
      }
    }
    auto seconds = result_.device_seconds.row(layer);
    for (std::size_t slot = 0; slot < slots.size(); ++slot) {
      if (slots[slot] < 0 || slots[slot] >= static_cast<int>(experts_)) continue;
      const auto expert = static_cast<std::size_t>(slots[slot]);
      seconds[device_of_slot_[slot]] += curve_.seconds(tokens_of(layer, slot, load[expert], share_sum[expert]));
    }
    for (std::size_t device = 0; device < devices_; ++device) seconds[device] /= instance_.cluster.speed[device];
    result_.layer_seconds[layer] = largest(layer) + instance_.cost.other_seconds;
  }

  // Shares may miss what they should be by 1e-9. Even parts are taken exactly, weighted ones divided by their sum, so
  // that no token is lost on the way to the objective.
  double tokens_of(std::size_t layer, std::size_t slot, double load, double share_sum) const {
    if (curve_.tiled()) return static_cast<double>(plan_.tokens.at(layer, slot));
    if (instance_.dispatch == Dispatch::even) {
      return load / static_cast<double>(replicas_[static_cast<std::size_t>(plan_.slots.at(layer, slot))]);
    }
    return load * (plan_.shares.at(layer, slot) / share_sum);
  }

  double largest(std::size_t layer) const {
    const auto seconds = result_.device_seconds.row(layer);
    return *std::max_element(seconds.begin(), seconds.end());
  }

  void judge_tokens(std::size_t layer, std::size_t slot, double load, std::int64_t& sum) {
    const std::int64_t tokens = plan_.tokens.at(layer, slot);
    if (tokens < 0 || static_cast<double>(tokens) > load) {
      complain(place("tokens", layer, slot) + std::to_string(tokens) + " tokens, the expert's load is " +
               std::to_string(static_cast<std::int64_t>(load)));
      return;
    }
    sum += tokens;
    if (load > 0 && std::abs(plan_.shares.at(layer, slot) - static_cast<double>(tokens) / load) > share_tolerance) {
      complain(place("shares", layer, slot) + "the share does not agree with the tokens");
    }
  }

  // docs/formats.md: even dispatch gives ceil(load / n) tokens to the first slots in order and floor to the rest.
  void judge_even(std::size_t layer, std::size_t slot, double load, std::int64_t rank) {
    const std::int64_t count = replicas_[static_cast<std::size_t>(plan_.slots.at(layer, slot))];
    if (count == 0) return;  // it stands on dead devices alone, which is a violation already
    if (curve_.tiled()) {
      const auto whole = static_cast<std::int64_t>(load);
      const std::int64_t expected = whole / count + (rank < whole % count ? 1 : 0);
      if (plan_.tokens.at(layer, slot) != expected) {
        complain(place("tokens", layer, slot) + "even dispatch gives this slot " + std::to_string(expected) +
                 " tokens");
      }
      if (load > 0) return;
    }
    if (std::abs(plan_.shares.at(layer, slot) - 1.0 / static_cast<double>(count)) > share_tolerance) {
      complain(place("shares", layer, slot) + "even dispatch gives this slot a share of 1/" + std::to_string(count));
    }
  }

  void judge_memory() {
    if (!instance_.cluster.memory_bytes) return;
    for (std::size_t device = 0; device < devices_; ++device) {
      const double bytes = static_cast<double>(held_[device]) * instance_.model.expert_bytes;
      if (bytes > *instance_.cluster.memory_bytes * (1 + 1e-12)) {
        complain("/plan/slots: device " + std::to_string(device) + " holds " + std::to_string(held_[device]) +
                 " replicas over all layers, " + std::to_string(bytes - *instance_.cluster.memory_bytes) +
                 " bytes more than its memory");
      }
    }
  }

  void count_moves() {
    if (!instance_.placement) return;
    std::vector<std::int64_t> arrivals(devices_, 0);
    for (std::size_t layer = 0; layer < layers_; ++layer) {
      const auto pairs = [&](const auto& row) {
        std::set<std::pair<std::size_t, int>> set;
        for (std::size_t slot = 0; slot < row.size(); ++slot) {
          if (row[slot] >= 0) set.emplace(device_of_slot_[slot], row[slot]);
        }
        return set;
      };
      const auto before = pairs(instance_.placement->row(layer));
      for (const auto& pair : pairs(plan_.slots.row(layer))) {
        if (!before.contains(pair)) ++arrivals[pair.first];
      }
    }
    for (const auto count : arrivals) result_.metrics.moves += count;
    result_.metrics.moved_bytes = static_cast<double>(result_.metrics.moves) * instance_.model.expert_bytes;
    const auto& limits = instance_.limits;
    if (limits.max_moves && result_.metrics.moves > *limits.max_moves) {
      complain("/plan/slots: " + std::to_string(result_.metrics.moves) + " moves, at most " +
               std::to_string(*limits.max_moves) + " are allowed");
    }
    for (std::size_t device = 0; device < devices_ && limits.max_moves_per_device; ++device) {
      if (arrivals[device] > *limits.max_moves_per_device) {
        complain("/plan/slots: " + std::to_string(arrivals[device]) + " moves to device " + std::to_string(device) +
                 ", at most " + std::to_string(*limits.max_moves_per_device) + " are allowed");
      }
    }
  }

  void sum_up() {
    double speed = 0;
    for (std::size_t device = 0; device < devices_; ++device) {
      if (alive_[device]) speed += instance_.cluster.speed[device];
    }
    double sum = 0;
    double worst = 1;
    std::size_t loaded = 0;
    for (std::size_t layer = 0; layer < layers_; ++layer) {
      result_.objective += result_.layer_seconds[layer];
      double tokens = 0;
      for (const double load : instance_.load.row(layer)) tokens += load;
      const double ideal = instance_.cost.token_seconds * tokens / speed;
      if (!(ideal > 0)) continue;
      const double imbalance = largest(layer) / ideal;
      worst = loaded == 0 ? imbalance : std::max(worst, imbalance);
      sum += imbalance;
      ++loaded;
    }
    if (loaded > 0) {
      result_.metrics.imbalance = sum / static_cast<double>(loaded);
      result_.metrics.worst_imbalance = worst;
    }
    result_.objective += instance_.move_seconds * static_cast<double>(result_.metrics.moves);
  }

  const ExpertInstance& instance_;
  const ExpertPlan& plan_;
  CostCurve curve_;
  std::size_t layers_;
  std::size_t experts_;
  std::size_t devices_;
  std::vector<bool> alive_;
  std::vector<std::size_t> device_of_slot_;
  std::vector<std::int64_t> held_;      // [devices] replicas over all layers
  std::vector<std::int64_t> replicas_;  // [experts] in the layer at hand
  Evaluation result_;
};

}  // namespace

Evaluation evaluate(const ExpertInstance& instance, const ExpertPlan& plan) { return Judge(instance, plan).run(); }

}  // namespace plimsoll::experts
