#include "planner/experts/bounds/standing.hpp"

#include <algorithm>
#include <functional>
#include <numeric>

#include "planner/experts/search/token_flow.hpp"
#include "support/rounding.hpp"

namespace plimsoll::experts {
namespace {

class Standing {
 public:
  Standing(const Prepared& prepared, int layer)
      : prepared_(prepared), load_(prepared.load(layer).begin(), prepared.load(layer).end()) {
    for (int expert = 0; expert < prepared.experts; ++expert) {
      holders_.emplace_back();
      for (int device = 0; device < prepared.devices; ++device) {
        if (!prepared.stood(layer, expert, device)) continue;
        holders_.back().push_back(device);
        replicas_.push_back({expert, device, 0.0});
      }
      if (!holders_.back().empty()) continue;
      load_[static_cast<std::size_t>(expert)] = 0.0;
      ++lost_;
    }
  }

  [[nodiscard]] std::int64_t lost() const { return lost_; }

  // seconds[m]: the tight set of the standing replicas with m more devices, the fastest.
  [[nodiscard]] std::vector<double> by_cut() {
    const TightSet tight = relax_shares(prepared_, load_, replicas_);
    double work = 0.0;
    for (const int expert : tight.experts) work += seconds_of(expert);
    std::vector<bool> held(static_cast<std::size_t>(prepared_.devices), false);
    double speed = 0.0;
    for (const int device : tight.devices) {
      held[static_cast<std::size_t>(device)] = true;
      speed += prepared_.speed(device);
    }
    std::vector<double> others;
    for (int device = 0; device < prepared_.devices; ++device) {
      if (!held[static_cast<std::size_t>(device)] && prepared_.slots[static_cast<std::size_t>(device)] > 0) {
        others.push_back(prepared_.speed(device));
      }
    }
    std::sort(others.begin(), others.end(), std::greater<>());
    std::vector<double> seconds;
    if (!(speed > 0)) return seconds;
    seconds.push_back(work / speed);
    for (const double other : others) seconds.push_back(work / (speed += other));
    return seconds;
  }

  // Of all steps of all devices, the m + 1 largest hold before the m + 1st move.
  [[nodiscard]] std::vector<double> by_devices() const {
    std::vector<std::vector<double>> alone(static_cast<std::size_t>(prepared_.devices));
    for (int expert = 0; expert < prepared_.experts; ++expert) {
      const auto& on = holders_[static_cast<std::size_t>(expert)];
      if (on.size() == 1) alone[static_cast<std::size_t>(on.front())].push_back(seconds_of(expert));
    }
    std::vector<double> steps;
    for (std::size_t d = 0; d < alone.size(); ++d) {
      std::sort(alone[d].begin(), alone[d].end(), std::greater<>());
      double left = std::accumulate(alone[d].begin(), alone[d].end(), 0.0);
      for (const double seconds : alone[d]) {
        steps.push_back(left / prepared_.speed(static_cast<int>(d)));
        left -= seconds;
      }
    }
    std::sort(steps.begin(), steps.end(), std::greater<>());
    return steps;
  }

  [[nodiscard]] std::vector<double> by_nodes() const {
    std::vector<double> seconds;
    if (!prepared_.instance.keep_groups_on_a_node) return seconds;
    const auto groups = static_cast<std::size_t>(prepared_.instance.model.groups);
    // Where a group stands, and how many of its experts do.
    std::vector<int> home(groups, -1);
    std::vector<bool> whole(groups, true);
    std::vector<std::int64_t> size(groups, 0);
    std::vector<double> work(groups, 0.0);
    for (int expert = 0; expert < prepared_.experts; ++expert) {
      const auto g = static_cast<std::size_t>(prepared_.group[static_cast<std::size_t>(expert)]);
      for (const int device : holders_[static_cast<std::size_t>(expert)]) {
        const int node = prepared_.node[static_cast<std::size_t>(device)];
        if (home[g] >= 0 && home[g] != node) whole[g] = false;
        home[g] = node;
      }
      if (holders_[static_cast<std::size_t>(expert)].empty()) continue;
      ++size[g];
      work[g] += seconds_of(expert);
    }
    std::vector<std::vector<std::size_t>> on(static_cast<std::size_t>(prepared_.nodes));
    std::vector<double> speed(on.size(), 0.0);
    std::int64_t least = prepared_.experts;
    for (std::size_t g = 0; g < groups; ++g) {
      if (home[g] < 0 || !whole[g]) continue;
      on[static_cast<std::size_t>(home[g])].push_back(g);
      least = std::min(least, size[g]);
    }
    for (int device = 0; device < prepared_.devices; ++device) {
      const auto d = static_cast<std::size_t>(device);
      if (prepared_.slots[d] > 0) speed[static_cast<std::size_t>(prepared_.node[d])] += prepared_.speed(device);
    }
    std::vector<double> steps;
    for (std::size_t node = 0; node < on.size(); ++node) {
      std::sort(on[node].begin(), on[node].end(), [&](std::size_t a, std::size_t b) { return work[a] > work[b]; });
      double left = 0;
      for (const std::size_t g : on[node]) left += work[g];
      for (const std::size_t g : on[node]) {
        if (speed[node] > 0) steps.push_back(left / speed[node]);
        left -= work[g];
      }
    }
    std::sort(steps.begin(), steps.end(), std::greater<>());
    for (const double step : steps) seconds.insert(seconds.end(), static_cast<std::size_t>(least), step);
    return seconds;
  }

 private:
  [[nodiscard]] double seconds_of(int expert) const {
    return prepared_.curve.least_rate() * load_[static_cast<std::size_t>(expert)];
  }

  const Prepared& prepared_;
  std::vector<double> load_;               // [experts] those that stand
  std::vector<std::vector<int>> holders_;  // [experts] live devices
  std::vector<Replica> replicas_;
  std::int64_t lost_ = 0;
};

}  // namespace

StandingCurve standing_curve(const Prepared& prepared, int layer, double floor) {
  Standing standing(prepared, layer);
  const std::vector<std::vector<double>> proofs = {standing.by_cut(), standing.by_devices(), standing.by_nodes()};
  StandingCurve curve;
  curve.lost = standing.lost();
  for (std::size_t moves = 0;; ++moves) {
    double seconds = floor;
    for (const auto& proof : proofs) {
      if (moves < proof.size()) seconds = std::max(seconds, support::rounded_down(proof[moves]));
    }
    curve.seconds.push_back(seconds);
    if (seconds <= floor) return curve;
  }
}

}  // namespace plimsoll::experts
