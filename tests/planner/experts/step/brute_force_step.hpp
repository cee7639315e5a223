// The best plan of a tiny step by looking at all of them: every base, every choice of transient replicas with the paths
// of their transfers, shares by the formula of minimum cuts, and every order of the transfers (each as early as it can
// after those before it: one of these active schedules is optimal). For weighted dispatch without tables, tiles, fixed
// charges, groups, memory and communication, and at most one transient column. Shares nothing with the planner.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "plimsoll/step.hpp"

namespace plimsoll::testing {

class BruteForceStep {
 public:
  explicit BruteForceStep(const StepInstance& step)
      : step_(step),
        experts_(step.experts.model.experts),
        layers_(step.experts.model.layers),
        devices_(step.experts.cluster.devices()) {
    for (const ScheduledPass& pass : step.schedule) {
      for (int k = 0; k < layers_; ++k) {
        windows_.push_back(
            {pass.microstep, pass.pass == Pass::forward ? k : layers_ - 1 - k, pass.pass == Pass::forward});
      }
    }
  }

  // Infinite where there is no plan.
  double best() {
    best_ = std::numeric_limits<double>::infinity();
    base_.assign(static_cast<std::size_t>(layers_), std::vector<int>(static_cast<std::size_t>(devices_), 0));
    serving_ = base_;
    transient_.assign(static_cast<std::size_t>(step_.microsteps()), base_);
    for (auto& microstep : transient_) {
      for (auto& layer : microstep) std::fill(layer.begin(), layer.end(), -1);
    }
    each_base(0);
    return best_;
  }

 private:
  struct Window {
    int microstep;
    int layer;
    bool forward;
  };
  // A transfer to schedule.
  struct Item {
    bool gradient;
    int microstep;
    int layer;
    int expert;
    int device;  // of the transient replica
    int from;    // weights: a device, or -1: host memory; gradient: `device`
    int to;      // gradient: the lowest base device
    double seconds;
    std::vector<int> links;
    double start = 0;
    double end = 0;
    bool done = false;
  };

  [[nodiscard]] bool alive(int device) const {
    const auto& dead = step_.experts.cluster.dead;
    return std::find(dead.begin(), dead.end(), device) == dead.end();
  }
  [[nodiscard]] int node(int device) const { return device / step_.experts.cluster.devices_per_node; }
  static bool has(int set, int expert) { return (set >> expert & 1) != 0; }
  int& base(int layer, int device) { return base_[static_cast<std::size_t>(layer)][static_cast<std::size_t>(device)]; }
  int& serving(int layer, int device) {
    return serving_[static_cast<std::size_t>(layer)][static_cast<std::size_t>(device)];
  }
  int& transient(int microstep, int layer, int device) {
    return transient_[static_cast<std::size_t>(microstep)][static_cast<std::size_t>(layer)]
                     [static_cast<std::size_t>(device)];
  }
  [[nodiscard]] bool pool() const { return step_.transient_pool_slots > 0; }

  // Sets of experts in the base columns, and one that the transient column may hold for the whole step.
  void each_base(int place) {
    if (place == layers_ * devices_) {
      for (int layer = 0; layer < layers_; ++layer) {
        int all = 0;
        for (int d = 0; d < devices_; ++d) all |= base(layer, d) | serving(layer, d);
        if (all != (1 << experts_) - 1) return;
      }
      each_transient(0);
      return;
    }
    const int layer = place / devices_;
    const int device = place % devices_;
    const int slots = alive(device) ? step_.experts.cluster.slots[static_cast<std::size_t>(device)] : 0;
    for (int set = 0; set < 1 << experts_; ++set) {
      // More replicas never take longer.
      if (__builtin_popcount(static_cast<unsigned>(set)) != std::min(slots, experts_)) continue;
      base(layer, device) = set;
      serving(layer, device) = 0;
      each_base(place + 1);
      bool taken = false;
      for (int other = 0; other < layer && pool(); ++other) taken = taken || serving(other, device) != 0;
      if (step_.transient_columns() == 0 || !alive(device) || taken) continue;
      for (int expert = 0; expert < experts_; ++expert) {
        if (has(set, expert)) continue;
        serving(layer, device) = 1 << expert;
        each_base(place + 1);
      }
      serving(layer, device) = 0;
    }
  }

  void each_transient(int place) {
    if (place == step_.microsteps() * layers_ * devices_) {
      schedule();
      return;
    }
    const int m = place / (layers_ * devices_);
    const int layer = place / devices_ % layers_;
    const int device = place % devices_;
    transient(m, layer, device) = -1;
    each_transient(place + 1);
    bool taken = step_.transient_columns() == 0 || !alive(device) || serving(layer, device) != 0;
    for (int other = 0; other < layers_ && pool(); ++other) taken = taken || serving(other, device) != 0;
    for (int expert = 0; expert < experts_ && !taken; ++expert) {
      if (has(base(layer, device), expert)) continue;
      transient(m, layer, device) = expert;
      each_transient(place + 1);
    }
    transient(m, layer, device) = -1;
  }

  double seconds(int m, int layer) {
    double latest = 0;
    const auto row = step_.load[static_cast<std::size_t>(m)].row(static_cast<std::size_t>(layer));
    for (int set = 0; set < 1 << devices_; ++set) {
      double speed = 0;
      int outside = 0;
      for (int d = 0; d < devices_; ++d) {
        if ((set >> d & 1) != 0) {
          speed += step_.experts.cluster.speed[static_cast<std::size_t>(d)];
          continue;
        }
        outside |= base(layer, d) | serving(layer, d);
        if (transient(m, layer, d) >= 0) outside |= 1 << transient(m, layer, d);
      }
      double tokens = 0;
      for (int e = 0; e < experts_; ++e) tokens += has(outside, e) ? 0.0 : row[static_cast<std::size_t>(e)];
      if (tokens > 0) latest = std::max(latest, step_.experts.cost.token_seconds * tokens / speed);
    }
    return latest;
  }

  [[nodiscard]] bool way(bool from_host, int from, int to, double bytes, Item& item) const {
    const auto& link = step_.experts.cluster.link;
    const auto& nics = step_.experts.cluster.nic_of_device;
    const auto nic = [&](int device) { return nics.empty() ? device : nics[static_cast<std::size_t>(device)]; };
    item.links.clear();
    item.seconds = 0;
    if (!link) return true;
    double rate = link->host_bytes_per_second;
    if (from_host) {
      item.links = {4 * devices_ + to};
    } else if (node(from) == node(to)) {
      rate = link->intra_bytes_per_second;
      item.links = {4 * from, 4 * to + 1};
    } else {
      rate = link->nic_bytes_per_second;
      item.links = {4 * nic(from) + 2, 4 * nic(to) + 3};
    }
    if (rate <= 0) return false;
    item.seconds = link->latency_seconds + bytes / rate;
    return true;
  }

  [[nodiscard]] bool goes_back(int m) const {
    return std::any_of(windows_.begin(), windows_.end(),
                       [&](const Window& window) { return window.microstep == m && !window.forward; });
  }
  [[nodiscard]] std::size_t window_of(int m, int layer, bool last) const {
    std::size_t found = windows_.size();
    for (std::size_t w = 0; w < windows_.size(); ++w) {
      if (windows_[w].microstep != m || windows_[w].layer != layer) continue;
      if (last || windows_[w].forward) found = w;
    }
    return found;
  }

  void schedule() {
    duration_.clear();
    double sum = 0;
    for (const Window& window : windows_) {
      const double forward = seconds(window.microstep, window.layer) + step_.experts.cost.other_seconds;
      duration_.push_back(window.forward ? forward : step_.backward_ratio * forward);
      sum += duration_.back();
    }
    if (sum >= best_) return;
    std::vector<Item> items;
    for (int m = 0; m < step_.microsteps(); ++m) {
      for (int layer = 0; layer < layers_; ++layer) {
        for (int d = 0; d < devices_; ++d) {
          const int expert = transient(m, layer, d);
          if (expert < 0) continue;
          items.push_back({false, m, layer, expert, d, -1, d, 0.0, {}});
          if (!step_.gradient_return || !goes_back(m)) continue;
          int lowest = 0;
          while (!has(base(layer, lowest) | serving(layer, lowest), expert)) ++lowest;
          Item gradient{true, m, layer, expert, d, d, lowest, 0.0, {}};
          if (!way(false, d, lowest, step_.experts.model.gradient_bytes, gradient)) return;
          items.push_back(gradient);
        }
      }
    }
    choose_paths(items, 0);
  }

  void choose_paths(std::vector<Item>& items, std::size_t index) {
    if (index == items.size()) {
      orders(items);
      return;
    }
    Item& item = items[index];
    if (item.gradient) {
      choose_paths(items, index + 1);
      return;
    }
    const double bytes = step_.experts.model.expert_bytes;
    if (way(true, node(item.device), item.device, bytes, item)) {
      item.from = -1;
      choose_paths(items, index + 1);
    }
    for (int from = 0; from < devices_; ++from) {
      if (from == item.device || !alive(from)) continue;
      bool holds = has(base(item.layer, from) | serving(item.layer, from), item.expert);
      for (int m = 0; m < step_.microsteps(); ++m) holds = holds || transient(m, item.layer, from) == item.expert;
      if (!holds || !way(false, from, item.device, bytes, item)) continue;
      item.from = from;
      choose_paths(items, index + 1);
    }
  }

  // Every transfer that can be placed next, as early as it can.
  void orders(std::vector<Item>& items) {
    // No order makes it better than what is placed already.
    double least = 0;
    for (std::size_t w = 0; w < windows_.size(); ++w) {
      for (const Item& item : items) {
        const bool mine = item.microstep == windows_[w].microstep && item.layer == windows_[w].layer;
        if (item.done && !item.gradient && windows_[w].forward && mine) least = std::max(least, item.end);
      }
      least += duration_[w];
    }
    for (const Item& item : items) least = std::max(least, item.done ? item.end : 0.0);
    if (least >= best_) return;
    bool all = true;
    for (Item& item : items) {
      if (item.done) continue;
      all = false;
      const auto release = release_of(items, item);
      if (!release) continue;
      item.start = earliest(items, item, *release);
      item.end = item.start + item.seconds;
      item.done = true;
      orders(items);
      item.done = false;
    }
    if (all && sources_hold(items)) best_ = least;
  }

  // The end of a window as far as the transfers scheduled so far say it; nothing where some are missing.
  std::optional<double> window_end(const std::vector<Item>& items, std::size_t window) const {
    double now = 0;
    for (std::size_t w = 0; w <= window; ++w) {
      for (const Item& item : items) {
        if (item.gradient || !windows_[w].forward) continue;
        if (item.microstep != windows_[w].microstep || item.layer != windows_[w].layer) continue;
        if (!item.done) return std::nullopt;
        now = std::max(now, item.end);
      }
      now += duration_[w];
    }
    return now;
  }

  // When the slot of a transient replica is free again; nothing: not known yet.
  std::optional<double> freed(const std::vector<Item>& items, int m, int layer, int device) const {
    auto end = window_end(items, window_of(m, layer, true));
    for (const Item& item : items) {
      if (!end || !item.gradient || item.microstep != m || item.layer != layer || item.device != device) continue;
      if (!item.done) return std::nullopt;
      end = std::max(*end, item.end);
    }
    return end;
  }

  [[nodiscard]] double earliest(const std::vector<Item>& items, const Item& item, double from) const {
    for (bool moved = true; moved;) {
      moved = false;
      for (const Item& other : items) {
        if (!other.done || other.seconds <= 0 || item.seconds <= 0) continue;
        const bool shared = std::any_of(item.links.begin(), item.links.end(), [&](int link) {
          return std::find(other.links.begin(), other.links.end(), link) != other.links.end();
        });
        if (shared && other.start < from + item.seconds && from < other.end) {
          from = other.end;
          moved = true;
        }
      }
    }
    return from;
  }

  // Nothing: not known before other transfers are placed, or impossible.
  std::optional<double> release_of(const std::vector<Item>& items, const Item& item) {
    if (item.gradient) return window_end(items, window_of(item.microstep, item.layer, true));
    double release = 0;
    const std::size_t mine = window_of(item.microstep, item.layer, false);
    const std::size_t my_last = window_of(item.microstep, item.layer, true);
    for (const Item& other : items) {
      if (other.gradient || &other == &item || other.device != item.device) continue;
      if (!pool() && other.layer != item.layer) continue;
      const std::size_t last = window_of(other.microstep, other.layer, true);
      const std::size_t first = window_of(other.microstep, other.layer, false);
      if (last > mine) {
        if (first < my_last) return std::nullopt;  // both are there at once
        continue;
      }
      const auto free = freed(items, other.microstep, other.layer, other.device);
      if (!free) return std::nullopt;
      release = std::max(release, *free);
    }
    if (item.from < 0 || has(base(item.layer, item.from) | serving(item.layer, item.from), item.expert)) return release;
    double arrival = std::numeric_limits<double>::infinity();
    for (const Item& other : items) {
      if (other.gradient || !other.done || other.layer != item.layer || other.expert != item.expert) continue;
      if (other.device == item.from) arrival = std::min(arrival, other.end);
    }
    if (std::isinf(arrival)) return std::nullopt;
    return std::max(release, arrival);
  }

  [[nodiscard]] bool sources_hold(const std::vector<Item>& items) {
    constexpr double tiny = 1e-12;
    for (const Item& item : items) {
      if (item.gradient || item.from < 0) continue;
      if (has(base(item.layer, item.from) | serving(item.layer, item.from), item.expert)) continue;
      bool held = false;
      for (const Item& other : items) {
        if (other.gradient || other.layer != item.layer || other.expert != item.expert) continue;
        if (other.device != item.from || other.end > item.start + tiny) continue;
        held = held || *freed(items, other.microstep, other.layer, other.device) >= item.end - tiny;
      }
      if (!held) return false;
    }
    return true;
  }

  const StepInstance& step_;
  int experts_;
  int layers_;
  int devices_;
  std::vector<Window> windows_;
  std::vector<std::vector<int>> base_;                    // [layers][devices] sets of experts
  std::vector<std::vector<int>> serving_;                 // the same, in transient columns for the whole step
  std::vector<std::vector<std::vector<int>>> transient_;  // [microsteps][layers][devices] expert or -1
  std::vector<double> duration_;                          // [windows]
  double best_ = 0;
};

}  // namespace plimsoll::testing
