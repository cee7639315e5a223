// A second opinion on a plan of a step, written from docs/formats.md alone and slowly: whether it holds, and what it
// costs. The tests compare planner/experts/step/evaluate.cpp with it. Rows are judged by testing::judge.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "plimsoll/step.hpp"
#include "tests/planner/experts/judge.hpp"
#include "tests/planner/experts/step/random_base.hpp"

namespace plimsoll::testing {

class StepJudgement {
 public:
  StepJudgement(const StepInstance& step, const StepPlan& plan)
      : step_(step), plan_(plan), columns_(step), layers_(step.experts.model.layers) {}

  // Nothing where the plan breaks a rule.
  std::optional<double> objective() {
    if (!shapes_hold() || !base_holds() || !rows_hold() || !transfers_hold()) return std::nullopt;
    return step_seconds_ + step_.experts.move_seconds * static_cast<double>(moves_);
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

  template <class T>
  [[nodiscard]] bool fits(const Matrix<T>& table) const {
    return table.rows() == static_cast<std::size_t>(layers_) && table.columns() == columns_.count();
  }
  [[nodiscard]] bool tiled() const {
    return step_.experts.cost.tile_tokens > 0 && step_.experts.cost.expert_seconds.empty();
  }
  [[nodiscard]] int node(int device) const { return device / step_.experts.cluster.devices_per_node; }
  [[nodiscard]] int base(int layer, std::size_t column) const {
    return plan_.base.at(static_cast<std::size_t>(layer), column);
  }
  [[nodiscard]] int slot(int microstep, int layer, std::size_t column) const {
    return plan_.microsteps[static_cast<std::size_t>(microstep)].slots.at(static_cast<std::size_t>(layer), column);
  }

  [[nodiscard]] bool shapes_hold() const {
    if (!fits(plan_.base) || plan_.microsteps.size() != step_.load.size()) return false;
    return std::all_of(plan_.microsteps.begin(), plan_.microsteps.end(), [&](const ExpertPlan& rows) {
      return fits(rows.slots) && fits(rows.shares) && (!tiled() || fits(rows.tokens));
    });
  }

  // As a static plan that gives each expert to its first replica.
  bool base_holds() {
    ExpertInstance wide = wide_instance(step_);
    wide.dispatch = Dispatch::weighted;
    wide.cost.tile_tokens = 0;
    ExpertPlan rows{plan_.base, Matrix<double>(plan_.base.rows(), columns_.count(), 0.0), {}};
    std::map<int, int> held;
    std::map<std::size_t, int> pooled;
    for (int layer = 0; layer < layers_; ++layer) {
      std::set<int> seen;
      for (std::size_t column = 0; column < columns_.count(); ++column) {
        const int expert = base(layer, column);
        const bool must = step_.experts.cluster.fill_slots && columns_.alive[column] && !columns_.transient[column];
        if (expert == -1 && must) return false;
        if (expert == -1) continue;
        if (seen.insert(expert).second) rows.shares.at(static_cast<std::size_t>(layer), column) = 1.0;
        if (!columns_.transient[column]) ++held[columns_.device_of[column]];
        if (columns_.transient[column]) ++pooled[column];
      }
    }
    for (const auto& [column, count] : pooled) {
      if (step_.transient_pool_slots > 0 && count > 1) return false;
    }
    for (std::size_t column = 0; column < columns_.count() && step_.experts.cluster.memory_bytes; ++column) {
      if (!columns_.alive[column]) continue;
      const int all = held[columns_.device_of[column]] + step_.transient_slots * layers_ + step_.transient_pool_slots;
      if (all * step_.experts.model.expert_bytes > *step_.experts.cluster.memory_bytes) return false;
    }
    const double price = wide.move_seconds;
    wide.move_seconds = 0;
    const auto without = judge(wide, rows);
    if (!without) return false;
    wide.move_seconds = 1;
    moves_ = std::llround(*judge(wide, rows) - *without);
    return price >= 0;
  }

  // Each row as a static plan of one layer.
  bool rows_hold() {
    ExpertInstance one = wide_instance(step_);
    one.model.layers = 1;
    one.placement.reset();
    one.limits = {};
    one.move_seconds = 0;
    one.cost.other_seconds = 0;
    for (int m = 0; m < step_.microsteps(); ++m) {
      for (int layer = 0; layer < layers_; ++layer) {
        if (!row_agrees_with_base(m, layer)) return false;
        const auto l = static_cast<std::size_t>(layer);
        const ExpertPlan& rows = plan_.microsteps[static_cast<std::size_t>(m)];
        one.load = row_of(step_.load[static_cast<std::size_t>(m)], l);
        const ExpertPlan row{row_of(rows.slots, l), row_of(rows.shares, l),
                             tiled() ? row_of(rows.tokens, l) : Matrix<std::int64_t>{}};
        const auto seconds = judge(one, row);
        if (!seconds) return false;
        compute_[{m, layer}] = *seconds + step_.experts.cost.other_seconds;
        if (!step_.sources.empty() && !talk(m, layer)) return false;
      }
    }
    return true;
  }

  template <class T>
  static Matrix<T> row_of(const Matrix<T>& table, std::size_t row) {
    const auto span = table.row(row);
    return Matrix<T>(1, table.columns(), std::vector<T>(span.begin(), span.end()));
  }

  [[nodiscard]] bool row_agrees_with_base(int m, int layer) {
    for (std::size_t column = 0; column < columns_.count(); ++column) {
      const int expert = slot(m, layer, column);
      if (base(layer, column) != -1 || !columns_.transient[column]) {
        if (expert != base(layer, column)) return false;
        continue;
      }
      if (expert == -1) continue;
      for (int other = 0; other < layers_ && step_.transient_pool_slots > 0; ++other) {
        if (base(other, column) != -1) return false;
      }
      lives_[{m, layer, expert, columns_.device_of[column]}].push_back({static_cast<int>(column)});
    }
    return true;
  }

  // Expected bytes on each link: every token (or every expert's tokens of a source) goes to each replica with the
  // probability of its share.
  bool talk(int m, int layer) {
    std::vector<double> copies(static_cast<std::size_t>(4 * step_.experts.cluster.devices()), 0.0);
    const auto send = [&](int from, int to, double count) {
      if (from == to) return;
      const auto [out, in] = links_between(from, to);
      copies[out] += count;
      copies[in] += count;
    };
    const auto& talk = step_.communication;
    if (talk.copies == Copies::per_replica) {
      const auto& sources = step_.sources[static_cast<std::size_t>(m)][static_cast<std::size_t>(layer)];
      for (std::size_t column = 0; column < columns_.count(); ++column) {
        const int expert = slot(m, layer, column);
        for (std::size_t from = 0; from < sources.rows() && expert >= 0; ++from) {
          send(static_cast<int>(from), columns_.device_of[column],
               share(m, layer, column) * sources.at(from, static_cast<std::size_t>(expert)));
        }
      }
    }
    for (std::size_t token = 0; token < talk.route_source.size() && talk.copies != Copies::per_replica; ++token) {
      if (talk.route_microstep[token] == m) route(m, layer, token, send);
    }
    const ExpertModel& model = step_.experts.model;
    std::vector<double>& out = dispatch_[{m, layer}];
    std::vector<double>& back = combine_[{m, layer}];
    for (std::size_t link = 0; link < copies.size(); ++link) {
      const auto& given = step_.experts.cluster.link;
      const double rate = !given ? 1.0 : link % 4 < 2 ? given->intra_bytes_per_second : given->nic_bytes_per_second;
      const double sent = copies[link] * model.dispatch_token_bytes;
      const double returned = copies[link % 2 == 0 ? link + 1 : link - 1] * model.combine_token_bytes;
      if (rate <= 0 && (sent > 0 || returned > 0)) return false;
      out.push_back(given && sent > 0 ? sent / rate : 0.0);
      back.push_back(given && returned > 0 ? returned / rate : 0.0);
    }
    return true;
  }

  // All ways in which the experts of a token choose their replicas.
  template <class Send>
  void route(int m, int layer, std::size_t token, const Send& send) const {
    const auto& talk = step_.communication;
    const int from = talk.route_source[token];
    const int rank = from % step_.experts.cluster.devices_per_node;
    const std::function<void(int, double, std::set<int>)> choose = [&](int k, double chance, std::set<int> devices) {
      if (k == talk.routes_per_token) {
        std::set<int> nodes;
        for (const int device : devices) {
          const int relay =
              node(device) == node(from) ? from : node(device) * step_.experts.cluster.devices_per_node + rank;
          const bool by_node = talk.copies == Copies::per_node;
          if (by_node && relay != from && nodes.insert(node(device)).second) send(from, relay, chance);
          send(by_node ? relay : from, device, chance);
        }
        return;
      }
      const auto at = (token * static_cast<std::size_t>(layers_) + static_cast<std::size_t>(layer)) *
                          static_cast<std::size_t>(talk.routes_per_token) +
                      static_cast<std::size_t>(k);
      for (std::size_t column = 0; column < columns_.count(); ++column) {
        if (slot(m, layer, column) != talk.routes[at] || share(m, layer, column) <= 0) continue;
        auto with = devices;
        with.insert(columns_.device_of[column]);
        choose(k + 1, chance * share(m, layer, column), with);
      }
    };
    choose(0, 1.0, {});
  }

  [[nodiscard]] double share(int m, int layer, std::size_t column) const {
    return plan_.microsteps[static_cast<std::size_t>(m)].shares.at(static_cast<std::size_t>(layer), column);
  }

  [[nodiscard]] std::pair<std::size_t, std::size_t> links_between(int from, int to) const {
    const auto& nics = step_.experts.cluster.nic_of_device;
    const auto nic = [&](int device) {
      return static_cast<std::size_t>(nics.empty() ? device : nics[static_cast<std::size_t>(device)]);
    };
    if (node(from) != node(to)) return {4 * nic(from) + 2, 4 * nic(to) + 3};
    return {4 * static_cast<std::size_t>(from), 4 * static_cast<std::size_t>(to) + 1};
  }

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
    if (!within(transfer.microstep, step_.microsteps()) || !within(transfer.layer, layers_)) return false;
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
    for (std::size_t column = 0; column < columns_.count(); ++column) {
      if (base(layer, column) == expert) return columns_.device_of[column];
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
      for (int k = 0; k < layers_; ++k) {
        Window window{pass.microstep, forward ? k : layers_ - 1 - k, forward};
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

  [[nodiscard]] double duration(const Window& window) {
    const std::pair<int, int> row = {window.microstep, window.layer};
    const double compute = compute_[row] * (window.forward ? 1.0 : step_.backward_ratio);
    const auto& out = dispatch_[row];
    const auto& back = combine_[row];
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
      for (std::size_t column = 0; column < columns_.count(); ++column) {
        if (columns_.device_of[column] == transfer.from && base(transfer.layer, column) == transfer.expert) return true;
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
        uses[static_cast<std::size_t>(4 * step_.experts.cluster.devices() + transfer.to)].push_back(use);
        continue;
      }
      const auto [out, in] = links_between(transfer.from, transfer.to);
      uses[out].push_back(use);
      uses[in].push_back(use);
    }
    for (const Window& window : windows_) {
      const std::pair<int, int> row = {window.microstep, window.layer};
      const auto& out = dispatch_[row];
      const auto& back = combine_[row];
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
  StepColumns columns_;
  int layers_;
  std::map<std::pair<int, int>, double> compute_;  // (micro-step, layer): with other_seconds
  std::map<std::pair<int, int>, std::vector<double>> dispatch_;
  std::map<std::pair<int, int>, std::vector<double>> combine_;
  std::map<Key, std::vector<Life>> lives_;  // by ascending column
  std::vector<Window> windows_;
  std::int64_t moves_ = 0;
  double step_seconds_ = 0;
  double tolerance_ = 0;
};

// The objective of a plan; nothing where it breaks a rule.
inline std::optional<double> judge_step(const StepInstance& step, const StepPlan& plan) {
  return StepJudgement(step, plan).objective();
}

}  // namespace plimsoll::testing
