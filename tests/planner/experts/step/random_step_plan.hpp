// Random valid plans of a step: a random base, random transient replicas, and transfers that are scheduled naively,
// each at the first time after some random delay at which its slot, its source and its links are free; windows wait for
// them. The tests' own: it shares nothing with the replay but the time of a window.
#pragma once

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "planner/experts/cost_curve.hpp"
#include "planner/experts/step/traffic.hpp"
#include "planner/experts/step/windows.hpp"
#include "tests/planner/experts/step/link_times.hpp"
#include "tests/planner/experts/step/random_base.hpp"

namespace plimsoll::testing {

class StepPlanMaker {
 public:
  StepPlanMaker(const StepInstance& step, std::uint64_t seed)
      : step_(step),
        random_(seed, 79),
        columns_(step),
        windows_(experts::step::windows_of(step)),
        curve_(step.experts.cost),
        links_(step) {}

  // Nothing where it found none.
  std::optional<StepPlan> make() {
    const auto base = BaseMaker(step_, random_).make();
    if (!base) return std::nullopt;
    plan_.base = *base;
    const Matrix<int>& slots = plan_.base;
    for (int m = 0; m < step_.microsteps(); ++m) {
      plan_.microsteps.push_back({slots, Matrix<double>(slots.rows(), slots.columns(), 0.0), {}});
      if (curve_.tiled()) plan_.microsteps.back().tokens = Matrix<std::int64_t>(slots.rows(), slots.columns(), 0);
    }
    density_ = random_.uniform();
    for (std::size_t index = 0; index < windows_.size(); ++index) {
      if (windows_[index].pass == Pass::forward) choose(index);
      if (!place(index)) return std::nullopt;
    }
    for (Life& life : lives_) {
      if (needs_gradient(life) && !life.returned && !return_gradient(life)) return std::nullopt;
    }
    std::stable_sort(plan_.transfers.begin(), plan_.transfers.end(),
                     [](const Transfer& a, const Transfer& b) { return a.start_seconds < b.start_seconds; });
    return plan_;
  }

 private:
  static constexpr double never = std::numeric_limits<double>::infinity();

  // A transient replica.
  struct Life {
    int microstep;
    int layer;
    int expert;
    std::size_t column;
    double started = 0;  // its transfer
    double arrived = 0;
    double end = never;  // of its last window and gradient; not known before
    bool returned = false;
    double copied_until = 0;  // last transfer from it
    double leaves = 0;        // its gradient
  };

  bool chance(double probability) { return random_.uniform() < probability; }
  void send(TransferKind kind, const Life& life, const Way& way, int to, double start, double seconds) {
    plan_.transfers.push_back(
        {kind, life.microstep, life.layer, life.expert, way.from_host, way.from, to, start, start + seconds});
    for (const std::size_t link : way.links) links_.take(link, start, start + seconds);
  }

  // Transient replicas for a forward window, each with its transfer; then the shares.
  void choose(std::size_t index) {
    const auto m = static_cast<std::size_t>(windows_[index].microstep);
    const auto layer = static_cast<std::size_t>(windows_[index].layer);
    for (std::size_t column = 0; column < columns_.count(); ++column) {
      if (!columns_.transient[column] || !columns_.alive[column] || !chance(density_)) continue;
      std::vector<int> fitting;
      for (int expert = 0; expert < step_.experts.model.experts; ++expert) {
        if (fits(m, layer, column, expert)) fitting.push_back(expert);
      }
      if (!fitting.empty()) bring(m, layer, column, fitting[random_.below(fitting.size())]);
    }
    random_shares(step_.experts, step_.load[m].row(layer), plan_.microsteps[m], layer, random_);
  }

  [[nodiscard]] bool fits(std::size_t m, std::size_t layer, std::size_t column, int expert) const {
    const bool pool = step_.transient_pool_slots > 0;
    for (std::size_t other = 0; other < plan_.base.rows(); ++other) {
      if ((pool || other == layer) && plan_.base.at(other, column) >= 0) return false;
    }
    const int size = step_.experts.model.experts / step_.experts.model.groups;
    for (std::size_t other = 0; other < columns_.count(); ++other) {
      const int held = plan_.microsteps[m].slots.at(layer, other);
      if (held < 0) continue;
      if (held == expert && columns_.device_of[other] == columns_.device_of[column] &&
          !step_.experts.cluster.duplicates) {
        return false;
      }
      if (step_.experts.keep_groups_on_a_node && held / size == expert / size &&
          columns_.node_of[other] != columns_.node_of[column]) {
        return false;
      }
    }
    return true;
  }

  void bring(std::size_t m, std::size_t layer, std::size_t column, int expert) {
    Life life{static_cast<int>(m), static_cast<int>(layer), expert, column};
    const int to = columns_.device_of[column];
    double from = 0;  // when the slot is free
    for (const Life& other : lives_) {
      if (other.column != column || (step_.transient_pool_slots == 0 && other.layer != life.layer)) continue;
      if (other.end == never) return;
      from = std::max(from, other.end);
    }
    for (const Life& other : lives_) {
      if (twins(life, other)) from = std::max(from, other.started);
    }
    if (needs_gradient(life)) {
      // A gradient that could never return is not begun.
      const int target = lowest_holder(life);
      if (!links_.way(false, to, target, step_.experts.model.gradient_bytes)) return;
    }
    std::vector<std::pair<Way, Life*>> ways;
    const double bytes = step_.experts.model.expert_bytes;
    if (const auto host = links_.way(true, links_.node(to), to, bytes)) ways.emplace_back(*host, nullptr);
    for (std::size_t other = 0; other < columns_.count(); ++other) {
      if (plan_.base.at(layer, other) != expert || columns_.device_of[other] == to) continue;
      if (const auto base = links_.way(false, columns_.device_of[other], to, bytes)) ways.emplace_back(*base, nullptr);
    }
    for (Life& other : lives_) {
      const int device = columns_.device_of[other.column];
      if (other.layer != life.layer || other.expert != expert || device == to) continue;
      if (const auto copy = links_.way(false, device, to, bytes)) ways.emplace_back(*copy, &other);
    }
    if (chance(0.3)) from += 2.0 * random_.uniform();
    while (!ways.empty()) {
      const std::size_t pick = random_.below(ways.size());
      const auto [chosen, source] = ways[pick];
      ways.erase(ways.begin() + static_cast<std::ptrdiff_t>(pick));
      const double seconds = chosen.seconds + (chance(0.2) ? random_.uniform() : 0.0);
      const double start =
          links_.first_fit(chosen, source == nullptr ? from : std::max(from, source->arrived), seconds);
      if (source != nullptr && start + seconds > source->end) continue;
      if (source != nullptr) source->copied_until = std::max(source->copied_until, start + seconds);
      life.started = start;
      life.arrived = start + seconds;
      send(TransferKind::weights, life, chosen, to, start, seconds);
      plan_.microsteps[m].slots.at(layer, column) = expert;
      lives_.push_back(life);
      return;
    }
  }

  // Two slots of a device with the same expert at the same time: what is listed first belongs to the lower column.
  [[nodiscard]] bool twins(const Life& left, const Life& right) const {
    return left.microstep == right.microstep && left.layer == right.layer && left.expert == right.expert &&
           columns_.device_of[left.column] == columns_.device_of[right.column];
  }

  [[nodiscard]] int lowest_holder(const Life& life) const {
    for (std::size_t column = 0; column < columns_.count(); ++column) {
      if (plan_.base.at(static_cast<std::size_t>(life.layer), column) == life.expert) return columns_.device_of[column];
    }
    return -1;
  }

  [[nodiscard]] bool needs_gradient(const Life& life) const {
    if (!step_.gradient_return || lowest_holder(life) == columns_.device_of[life.column]) return false;
    return std::any_of(windows_.begin(), windows_.end(), [&](const experts::step::Window& window) {
      return window.pass == Pass::backward && window.microstep == life.microstep;
    });
  }

  // Puts the window behind the one before and behind what it waits for. False: its bytes find no path.
  bool place(std::size_t index) {
    const experts::step::Window& window = windows_[index];
    const auto m = static_cast<std::size_t>(window.microstep);
    const auto layer = static_cast<std::size_t>(window.layer);
    const ExpertPlan& rows = plan_.microsteps[m];
    for (const Life& life : lives_) {
      const bool mine = life.microstep == window.microstep && life.layer == window.layer;
      if (mine && window.pass == Pass::forward) now_ = std::max(now_, life.arrived);
    }
    const auto traffic =
        experts::step::traffic(step_, window.microstep, window.layer, rows.slots.row(layer), rows.shares.row(layer));
    const double seconds = experts::step::window_seconds(step_, largest_seconds(m, layer), traffic, window.pass);
    if (!(seconds < never)) return false;
    mark_busy(traffic, seconds);
    now_ += seconds;
    for (Life& life : lives_) {
      if (life.microstep != window.microstep || life.layer != window.layer || !last(index)) continue;
      life.end = now_;
      if (!needs_gradient(life)) continue;
      // Later windows must not find the links taken: with dispatch and combine, gradients come at the very end, and
      // nothing else gets the slot.
      if (!step_.sources.empty()) {
        life.end = never;
      } else if (!return_gradient(life)) {
        return false;
      }
    }
    return true;
  }

  bool return_gradient(Life& life) {
    const int to = lowest_holder(life);
    const int from = columns_.device_of[life.column];
    const auto path = links_.way(false, from, to, step_.experts.model.gradient_bytes);
    if (!path) return false;
    const double seconds = path->seconds + (chance(0.2) ? random_.uniform() : 0.0);
    double earliest = life.copied_until;
    for (std::size_t index = 0; index < ends_.size(); ++index) {
      const auto& window = windows_[index];
      if (window.microstep == life.microstep && window.layer == life.layer) earliest = std::max(earliest, ends_[index]);
    }
    for (const Life& other : lives_) {
      if (other.returned && twins(life, other)) earliest = std::max(earliest, other.leaves);
    }
    const double start = links_.first_fit(*path, earliest + (chance(0.3) ? random_.uniform() : 0.0), seconds);
    life.leaves = start;
    send(TransferKind::gradient, life, *path, to, start, seconds);
    life.end = start + seconds;
    life.returned = true;
    return true;
  }

  void mark_busy(const experts::step::Traffic& traffic, double seconds) {
    const bool full = step_.communication.overlap == Overlap::full;
    for (std::size_t link = 0; link < traffic.dispatch_seconds.size(); ++link) {
      const double out = traffic.dispatch_seconds[link] + (full ? traffic.combine_seconds[link] : 0.0);
      const double back = now_ + seconds - traffic.combine;
      links_.take(link, now_, now_ + out);
      if (!full) links_.take(link, back, back + traffic.combine_seconds[link]);
    }
    ends_.push_back(now_ + seconds);
  }

  [[nodiscard]] bool last(std::size_t index) const {
    for (std::size_t later = index + 1; later < windows_.size(); ++later) {
      if (windows_[later].microstep == windows_[index].microstep && windows_[later].layer == windows_[index].layer) {
        return false;
      }
    }
    return true;
  }

  [[nodiscard]] double largest_seconds(std::size_t m, std::size_t layer) const {
    const ExpertPlan& rows = plan_.microsteps[m];
    std::vector<double> seconds(static_cast<std::size_t>(step_.experts.cluster.devices()), 0.0);
    for (std::size_t column = 0; column < columns_.count(); ++column) {
      const int expert = rows.slots.at(layer, column);
      if (expert < 0) continue;
      const auto device = static_cast<std::size_t>(columns_.device_of[column]);
      const double tokens =
          curve_.tiled() ? static_cast<double>(rows.tokens.at(layer, column))
                         : rows.shares.at(layer, column) * step_.load[m].at(layer, static_cast<std::size_t>(expert));
      seconds[device] += curve_.seconds(tokens) / step_.experts.cluster.speed[device];
    }
    return *std::max_element(seconds.begin(), seconds.end());
  }

  const StepInstance& step_;
  support::Random random_;
  StepColumns columns_;
  std::vector<experts::step::Window> windows_;
  experts::CostCurve curve_;
  LinkTimes links_;
  StepPlan plan_;
  double density_ = 0.5;
  double now_ = 0;
  std::vector<double> ends_;  // of the windows placed
  std::vector<Life> lives_;
};

inline std::optional<StepPlan> random_step_plan(const StepInstance& step, std::uint64_t seed) {
  return StepPlanMaker(step, seed).make();
}

}  // namespace plimsoll::testing
