#include "planner/experts/wrap_layer.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "planner/experts/construct.hpp"

namespace plimsoll::experts {
namespace {

// The fewest replicas with which each expert can end by the line.
std::vector<int> fewest_counts(const LayerProblem& problem, double line) {
  const Prepared& prepared = *problem.prepared;
  std::vector<double> fastest(static_cast<std::size_t>(prepared.nodes), 0.0);
  std::vector<int> usable(static_cast<std::size_t>(prepared.nodes), 0);
  double overall = 0.0;
  int spare = -problem.experts();
  for (int device = 0; device < problem.devices(); ++device) {
    const auto d = static_cast<std::size_t>(device);
    if (problem.capacity[d] == 0) continue;
    const auto node = static_cast<std::size_t>(prepared.node[d]);
    fastest[node] = std::max(fastest[node], prepared.speed(device));
    overall = std::max(overall, prepared.speed(device));
    ++usable[node];
    spare += problem.capacity[d];
  }
  const int everywhere = std::accumulate(usable.begin(), usable.end(), 0);
  std::vector<int> counts(static_cast<std::size_t>(problem.experts()), 1);
  for (int expert = 0; expert < problem.experts(); ++expert) {
    const auto e = static_cast<std::size_t>(expert);
    const auto node = problem.home.empty() ? std::size_t{0} : static_cast<std::size_t>(problem.home[e]);
    const double most = prepared.curve.tokens_within(line * (problem.home.empty() ? overall : fastest[node]));
    if (problem.load[e] <= most || !(most > 0)) continue;
    const double wanted = std::ceil(problem.load[e] / most);
    const int limit = std::min(problem.home.empty() ? everywhere : usable[node], spare + 1);
    const int count = std::max(1, wanted < limit ? static_cast<int>(wanted) : limit);
    spare -= count - 1;
    counts[e] = count;
  }
  return counts;
}

// One slot of a device is left for what it will be handed, as far as the slots to spare go, large devices first.
std::vector<int> leave_room(const LayerProblem& problem, const std::vector<int>& counts) {
  const Prepared& prepared = *problem.prepared;
  std::vector<int> spare(problem.home.empty() ? 1 : static_cast<std::size_t>(prepared.nodes), 0);
  const auto pool = [&](std::size_t device) {
    return problem.home.empty() ? std::size_t{0} : static_cast<std::size_t>(prepared.node[device]);
  };
  std::vector<std::size_t> order(static_cast<std::size_t>(problem.devices()));
  std::iota(order.begin(), order.end(), std::size_t{0});
  for (const std::size_t device : order) spare[pool(device)] += problem.capacity[device];
  for (std::size_t expert = 0; expert < counts.size(); ++expert) {
    spare[problem.home.empty() ? 0 : static_cast<std::size_t>(problem.home[expert])] -= counts[expert];
  }
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return problem.capacity[a] > problem.capacity[b]; });
  std::vector<int> limit = problem.capacity;
  for (const std::size_t device : order) {
    if (limit[device] > 0 && spare[pool(device)]-- > 0) --limit[device];
  }
  return limit;
}

class Wrap {
 public:
  Wrap(LayerState& state, double line, std::uint64_t& work)
      : state_(state), problem_(state.problem()), prepared_(*problem_.prepared), line_(line), work_(work),
        done_(static_cast<std::size_t>(problem_.devices()), false) {}

  // The device that is furthest beyond the line hands over until none is, or nobody can take.
  void run() {
    const int rounds = 4 * problem_.devices();
    for (int round = 0; round < rounds; ++round) {
      int giver = -1;
      double excess = line_ * (1 + 1e-12);
      for (int device = 0; device < problem_.devices(); ++device) {
        if (state_.device_seconds(device) <= excess || done_[static_cast<std::size_t>(device)]) continue;
        giver = device;
        excess = state_.device_seconds(device);
      }
      if (giver < 0) return;
      if (!hand_over(giver)) done_[static_cast<std::size_t>(giver)] = true;
    }
  }

 private:
  [[nodiscard]] int free_slot(int device) const {
    for (int slot = state_.begin_slot(device); slot < state_.end_slot(device); ++slot) {
      if (state_.expert(slot) < 0) return slot;
    }
    return -1;
  }

  // The emptiest device that one replica of the giver can fill to the line.
  bool hand_over(int giver) {
    const CostCurve& curve = prepared_.curve;
    int best_from = -1;
    int best_to = -1;
    double best_tokens = 0.0;
    double best_room = 0.0;
    for (int device = 0; device < problem_.devices(); ++device) {
      const double room = line_ * prepared_.speed(device) - state_.device_seconds(device) * prepared_.speed(device);
      if (room <= best_room || device == giver || problem_.capacity[static_cast<std::size_t>(device)] == 0) continue;
      const int open = free_slot(device);
      ++work_;
      if (open < 0) continue;
      double wanted = room - curve.fixed() - curve.idle_seconds();
      if (curve.rate() > 0 && curve.least_rate() == curve.rate()) {
        wanted /= curve.rate();
        if (curve.tiled()) wanted = std::floor(wanted / curve.tile() * (1 + 1e-12)) * curve.tile();
      } else {
        wanted = curve.tokens_within(room);
      }
      if (!(wanted > 0)) continue;
      // The smallest replica that is large enough keeps the large ones for later.
      int from = -1;
      for (int slot = state_.begin_slot(giver); slot < state_.end_slot(giver); ++slot) {
        const int expert = state_.expert(slot);
        if (expert < 0 || state_.tokens(slot) < wanted || state_.copies(expert, device) > 0) continue;
        if (!problem_.allowed(expert, device)) continue;
        if (from < 0 || state_.tokens(slot) < state_.tokens(from)) from = slot;
      }
      work_ += static_cast<std::uint64_t>(state_.end_slot(giver) - state_.begin_slot(giver));
      if (from < 0) continue;
      best_room = room;
      best_from = from;
      best_to = open;
      best_tokens = wanted;
    }
    if (best_from < 0) return false;
    const double left = state_.tokens(best_from) - best_tokens;
    state_.set(best_to, state_.expert(best_from), best_tokens);
    if (left > 0) {
      state_.set_tokens(best_from, left);
    } else {
      state_.set(best_from, -1);
    }
    return true;
  }

  LayerState& state_;
  const LayerProblem& problem_;
  const Prepared& prepared_;
  double line_;
  std::uint64_t& work_;
  std::vector<bool> done_;  // givers that found nobody
};

}  // namespace

bool wrap_layer(LayerState& state, double line, std::uint64_t& work) {
  const std::vector<int> counts = fewest_counts(state.problem(), line);
  if (!place_largest_first(state, counts, leave_room(state.problem(), counts))) return false;
  Wrap(state, line, work).run();
  state.forget();
  return true;
}

}  // namespace plimsoll::experts
