// A second opinion on a plan of a step, written from docs/formats.md alone and slowly: whether it holds, and what it
// costs. The tests compare planner/experts/step/evaluate.cpp with it. What it holds: judge_step_rows.hpp.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "plimsoll/step.hpp"
#include "tests/planner/experts/step/judge_step_rows.hpp"
#include "tests/planner/experts/step/link_times.hpp"

namespace plimsoll::testing {

class StepJudgement {
 public:
  StepJudgement(const StepInstance& step, const StepPlan& plan)
      : step_(step), plan_(plan), rows_(step, plan), links_(step) {}

  // Nothing where the plan breaks a rule.
  std::optional<double> objective() {
    if (!rows_.hold()) return std::nullopt;
    for (const auto& [microstep, layer, expert, column] : rows_.transient()) {
      const int device = rows_.columns().device_of[static_cast<std::size_t>(column)];
      lives_[{microstep, layer, expert, device}].push_back({column});
    }
    if (!transfers_hold()) return std::nullopt;
    return step_seconds_ + step_.experts.move_seconds * static_cast<double>(rows_.moves());
  }

 private:
  using Key = std::array<int, 4>;  // micro-step, layer, expert, device
  struct Life {
    int column;
    const Transfer* weights = nullptr;
    const Transfer* gradient = nullptr;
    double free = 0;
  };
  struct Window {
    int microstep;
    int layer;
    bool forward;
    double start = 0;
    double end = 0;
  };
  // What a link carries: by whom, from, to.
  struct Use {
    bool transfer;
    double start;
    double end;
  };

  [[nodiscard]] int node(int device) const { return links_.node(device); }

  bool transfers_hold() {
    for (const Transfer& transfer : plan_.transfers) {
      if (!place_holds(transfer) || !belongs(transfer)) return false;
    }
    for (const auto& [key, lives] : lives_) {
      for (const Life& life : lives) {
        if (life.weights == nullptr || (life.gradient == nullptr) == wants_gradient(key)) return false;
      }
    }
    run_windows();
    return times_hold() && slots_hold() && sources_hold() && links_hold();
  }

  [[nodiscard]] bool place_holds(const Transfer& transfer) const {
    const auto within = [](int value, int count) { return value >= 0 && value < count; };
    const auto& cluster = step_.experts.cluster;
    const auto live = [&](int device) {
      return within(device, cluster.devices()) && std::count(cluster.dead.begin(), cluster.dead.end(), device) == 0;
    };
    if (!within(transfer.microstep, step_.microsteps()) || !within(transfer.layer, step_.experts.model.layers))
      return false;
    if (!within(transfer.expert, step_.experts.model.experts) || !live(transfer.to)) return false;
    if (!std::isfinite(transfer.start_seconds) || !std::isfinite(transfer.end_seconds)) return false;
    if (transfer.from_host) return transfer.from == node(transfer.to) && transfer.kind == TransferKind::weights;
    return live(transfer.from) && transfer.from != transfer.to;
  }

  bool belongs(const Transfer& transfer) {
    const bool weights = transfer.kind == TransferKind::weights;
    const Key key = {transfer.microstep, transfer.layer, transfer.expert, weights ? transfer.to : transfer.from};
    if (lives_.count(key) == 0) return false;
    if (!weights && (!wants_gradient(key) || transfer.to != lowest(transfer.layer, transfer.expert))) return false;
    for (Life& life : lives_[key]) {
      const Transfer*& mine = weights ? life.weights : life.gradient;
      if (mine != nullptr) continue;
      mine = &transfer;
      return true;
    }
    return false;
  }

  [[nodiscard]] int lowest(int layer, int expert) const {
    for (std::size_t column = 0; column < rows_.columns().count(); ++column) {
      if (rows_.base(layer, column) == expert) return rows_.columns().device_of[column];
    }
    return -1;
  }

  [[nodiscard]] bool wants_gradient(const Key& key) const {
    if (!step_.gradient_return || lowest(key[1], key[2]) == key[3]) return false;
    return std::any_of(step_.schedule.begin(), step_.schedule.end(), [&](const ScheduledPass& pass) {
      return pass.pass == Pass::backward && pass.microstep == key[0];
    });
  }

  void run_windows() {
    double now = 0;
    for (const ScheduledPass& pass : step_.schedule) {
      const bool forward = pass.pass == Pass::forward;
      for (int k = 0; k < step_.experts.model.layers; ++k) {
        Window window{pass.microstep, forward ? k : step_.experts.model.layers - 1 - k, forward};
        for (auto& [key, lives] : lives_) {
          if (key[0] != window.microstep || key[1] != window.layer || !forward) continue;
          for (const Life& life : lives) now = std::max(now, life.weights->end_seconds);
        }
        window.start = now;
        now += duration(window);
        window.end = now;
        windows_.push_back(window);
        for (auto& [key, lives] : lives_) {
          if (key[0] != window.microstep || key[1] != window.layer) continue;
          for (Life& life : lives) life.free = now;
        }
      }
    }
    step_seconds_ = now;
    for (const Transfer& transfer : plan_.transfers) {
      if (transfer.kind == TransferKind::gradient) step_seconds_ = std::max(step_seconds_, transfer.end_seconds);
    }
    tolerance_ = 1e-9 * step_seconds_;
  }

  static double longest(const std::vector<double>& seconds) {
    return seconds.empty() ? 0.0 : *std::max_element(seconds.begin(), seconds.end());
  }
  // Of a phase: the busiest link, and the latency where anything moves.
  [[nodiscard]] double phase(double busiest) const {
    return busiest > 0 ? busiest + step_.experts.cluster.link->latency_seconds : 0.0;
  }

  [[nodiscard]] double duration(const Window& window) const {
    const double ratio = window.forward ? 1.0 : step_.backward_ratio;
    const double compute = ratio * rows_.compute(window.microstep, window.layer);
    const auto [out, back] = rows_.talk(window.microstep, window.layer);
    if (step_.communication.overlap == Overlap::none) return phase(longest(out)) + compute + phase(longest(back));
    std::vector<double> both;
    for (std::size_t link = 0; link < out.size(); ++link) both.push_back(out[link] + back[link]);
    return std::max(compute, phase(longest(both)));
  }

  bool times_hold() {
    const auto& link = step_.experts.cluster.link;
    for (const Transfer& transfer : plan_.transfers) {
      double least = 0;
      if (link) {
        const bool intra = !transfer.from_host && node(transfer.from) == node(transfer.to);
        const double rate = transfer.from_host ? link->host_bytes_per_second
                            : intra            ? link->intra_bytes_per_second
                                               : link->nic_bytes_per_second;
        const ExpertModel& model = step_.experts.model;
        if (rate <= 0) return false;
        least = link->latency_seconds +
                (transfer.kind == TransferKind::weights ? model.expert_bytes : model.gradient_bytes) / rate;
      }
      if (transfer.start_seconds < -tolerance_) return false;
      if (transfer.end_seconds - transfer.start_seconds < least - tolerance_) return false;
    }
    for (auto& [key, lives] : lives_) {
      for (Life& life : lives) {
        if (life.gradient == nullptr) continue;
        if (life.gradient->start_seconds < life.free - tolerance_) return false;
        life.free = std::max(life.free, life.gradient->end_seconds);
      }
    }
    return true;
  }

  [[nodiscard]] bool slots_hold() const {
    std::vector<std::pair<std::pair<int, int>, std::pair<double, double>>> taken;
    for (const auto& [key, lives] : lives_) {
      for (const Life& life : lives) {
        const int layer = step_.transient_pool_slots > 0 ? 0 : key[1];
        taken.push_back({{layer, life.column}, {life.weights->start_seconds, life.free}});
      }
    }
    for (std::size_t a = 0; a < taken.size(); ++a) {
      for (std::size_t b = 0; b < a; ++b) {
        if (taken[a].first == taken[b].first && overlap(taken[a].second, taken[b].second)) return false;
      }
    }
    return true;
  }

  [[nodiscard]] bool overlap(std::pair<double, double> a, std::pair<double, double> b) const {
    return a.first < b.second - tolerance_ && b.first < a.second - tolerance_;
  }

  [[nodiscard]] bool sources_hold() const {
    return std::all_of(plan_.transfers.begin(), plan_.transfers.end(), [&](const Transfer& transfer) {
      if (transfer.from_host) return true;
      for (std::size_t column = 0; column < rows_.columns().count(); ++column) {
        if (rows_.columns().device_of[column] == transfer.from && rows_.base(transfer.layer, column) == transfer.expert)
          return true;
      }
      for (const auto& [key, lives] : lives_) {
        if (key[1] != transfer.layer || key[2] != transfer.expert || key[3] != transfer.from) continue;
        for (const Life& life : lives) {
          if (life.weights->end_seconds <= transfer.start_seconds + tolerance_ &&
              life.free >= transfer.end_seconds - tolerance_) {
            return true;
          }
        }
      }
      return false;
    });
  }

  [[nodiscard]] bool links_hold() {
    if (!step_.experts.cluster.link) return true;
    std::map<std::size_t, std::vector<Use>> uses;
    for (const Transfer& transfer : plan_.transfers) {
      const Use use{true, transfer.start_seconds, transfer.end_seconds};
      if (transfer.from_host) {
        uses[links_.host_link(transfer.to)].push_back(use);
        continue;
      }
      const auto [out, in] = links_.between(transfer.from, transfer.to);
      uses[out].push_back(use);
      uses[in].push_back(use);
    }
    for (const Window& window : windows_) {
      const auto [out, back] = rows_.talk(window.microstep, window.layer);
      for (std::size_t link = 0; link < out.size(); ++link) {
        if (step_.communication.overlap == Overlap::full) {
          uses[link].push_back({false, window.start, window.start + out[link] + back[link]});
        } else {
          const double begin = window.end - phase(longest(back));
          uses[link].push_back({false, window.start, window.start + out[link]});
          uses[link].push_back({false, begin, begin + back[link]});
        }
      }
    }
    for (const auto& [link, all] : uses) {
      for (std::size_t a = 0; a < all.size(); ++a) {
        for (std::size_t b = 0; b < a; ++b) {
          const bool both = all[a].end > all[a].start && all[b].end > all[b].start;
          if ((all[a].transfer || all[b].transfer) && both &&
              overlap({all[a].start, all[a].end}, {all[b].start, all[b].end})) {
            return false;
          }
        }
      }
    }
    return true;
  }

  const StepInstance& step_;
  const StepPlan& plan_;
  StepRowsJudgement rows_;
  LinkTimes links_;
  std::map<Key, std::vector<Life>> lives_;  // by ascending column
  std::vector<Window> windows_;
  double step_seconds_ = 0;
  double tolerance_ = 0;
};

// The objective of a plan; nothing where it breaks a rule.
inline std::optional<double> judge_step(const StepInstance& step, const StepPlan& plan) {
  return StepJudgement(step, plan).objective();
}

}  // namespace plimsoll::testing
