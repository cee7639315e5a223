#include "planner/experts/search/construct.hpp"

#include <algorithm>
#include <numeric>
#include <queue>
#include <tuple>

namespace plimsoll::experts {
namespace {

// Slots that an expert's replicas may share with others: those of its node, or all.
struct Pools {
  explicit Pools(const LayerProblem& problem)
      : slots(problem.home.empty() ? 1 : static_cast<std::size_t>(problem.prepared->nodes), 0), devices(slots) {
    for (int device = 0; device < problem.devices(); ++device) {
      const auto d = static_cast<std::size_t>(device);
      const std::size_t pool = problem.home.empty() ? 0 : static_cast<std::size_t>(problem.prepared->node[d]);
      slots[pool] += problem.capacity[d];
      devices[pool] += problem.capacity[d] > 0 ? 1 : 0;
    }
  }
  static std::size_t of(const LayerProblem& problem, int expert) {
    return problem.home.empty() ? 0 : static_cast<std::size_t>(problem.home[static_cast<std::size_t>(expert)]);
  }
  std::vector<int> slots;
  std::vector<int> devices;
};

// A free slot stands only where the expert must not go: another expert moves there and leaves its slot.
bool make_room(LayerState& state, int expert, double tokens) {
  const LayerProblem& problem = state.problem();
  for (int device = 0; device < problem.devices(); ++device) {
    const int open = state.free_slot(device);
    if (open < 0) continue;
    for (int slot = 0; slot < state.slot_count(); ++slot) {
      const int other = state.expert(slot);
      if (other < 0 || state.device(slot) == device) continue;
      if (!state.may_hold(other, device) || !state.may_hold(expert, state.device(slot))) continue;
      const double carried = state.tokens(slot);
      state.set(slot, expert, tokens);
      state.set(open, other, carried);
      return true;
    }
  }
  return false;
}

}  // namespace

std::vector<int> greedy_counts(const LayerProblem& problem, const std::vector<double>& weight) {
  const Prepared& prepared = *problem.prepared;
  const CostCurve& curve = prepared.curve;
  Pools pools(problem);
  std::vector<int> counts(static_cast<std::size_t>(problem.experts()), 1);
  for (int expert = 0; expert < problem.experts(); ++expert) --pools.slots[Pools::of(problem, expert)];
  const auto claim = [&](int expert) {
    const auto e = static_cast<std::size_t>(expert);
    return curve.seconds(problem.load[e] / counts[e]) * (weight.empty() ? 1.0 : weight[e]);
  };
  using Entry = std::tuple<double, int>;
  const auto later = [](const Entry& a, const Entry& b) {
    return std::get<0>(a) != std::get<0>(b) ? std::get<0>(a) < std::get<0>(b) : std::get<1>(a) > std::get<1>(b);
  };
  std::priority_queue<Entry, std::vector<Entry>, decltype(later)> queue(later);
  for (int expert = 0; expert < problem.experts(); ++expert) queue.emplace(claim(expert), expert);
  while (!queue.empty()) {
    const auto [seconds, expert] = queue.top();
    queue.pop();
    const auto e = static_cast<std::size_t>(expert);
    const std::size_t pool = Pools::of(problem, expert);
    if (pools.slots[pool] <= 0) continue;
    if (!prepared.instance.cluster.duplicates && counts[e] >= pools.devices[pool]) continue;
    ++counts[e];
    --pools.slots[pool];
    const double next = claim(expert);
    if (next >= seconds && !prepared.instance.cluster.fill_slots) {
      --counts[e];
      ++pools.slots[pool];
      continue;
    }
    queue.emplace(next, expert);
  }
  return counts;
}

bool place_largest_first(LayerState& state, const std::vector<int>& counts, const std::vector<int>& soft_limit,
                         support::Random* random) {
  const LayerProblem& problem = state.problem();
  const Prepared& prepared = *problem.prepared;
  struct Piece {
    double seconds;
    double tokens;
    int expert;
    double key;
  };
  std::vector<Piece> pieces;
  for (int expert = 0; expert < problem.experts(); ++expert) {
    const auto e = static_cast<std::size_t>(expert);
    const double load = problem.load[e];
    for (int copy = 0; copy < counts[e]; ++copy) {
      double tokens = load / counts[e];
      if (prepared.whole_tokens) {
        const auto whole = static_cast<std::int64_t>(load);
        tokens = static_cast<double>(whole / counts[e] + (copy < whole % counts[e] ? 1 : 0));
      }
      const double seconds = prepared.curve.seconds(tokens);
      pieces.push_back(
          {seconds, tokens, expert, random != nullptr ? seconds * (0.85 + 0.3 * random->uniform()) : seconds});
    }
  }
  std::stable_sort(pieces.begin(), pieces.end(), [](const Piece& a, const Piece& b) { return a.key > b.key; });
  const auto devices = static_cast<std::size_t>(problem.devices());
  std::vector<double> busy(devices, 0.0);  // seconds at speed 1, final pieces
  std::vector<int> next(devices);
  for (std::size_t device = 0; device < devices; ++device) next[device] = state.begin_slot(static_cast<int>(device));
  bool all = true;
  for (const Piece& piece : pieces) {
    int best = -1;
    std::tuple<int, double> best_key;
    for (int device = 0; device < problem.devices(); ++device) {
      const auto d = static_cast<std::size_t>(device);
      if (next[d] >= state.end_slot(device) || !state.may_hold(piece.expert, device)) continue;
      // A second copy on a device is the last resort.
      const bool beyond = !soft_limit.empty() && next[d] - state.begin_slot(device) >= soft_limit[d];
      const std::tuple<int, double> key{(state.copies(piece.expert, device) > 0 ? 2 : 0) + (beyond ? 1 : 0),
                                        (busy[d] + piece.seconds) / prepared.speed(device)};
      if (best < 0 || key < best_key) {
        best = device;
        best_key = key;
      }
    }
    if (best >= 0) {
      state.set(next[static_cast<std::size_t>(best)]++, piece.expert, piece.tokens);
      busy[static_cast<std::size_t>(best)] += piece.seconds;
      continue;
    }
    if (make_room(state, piece.expert, piece.tokens)) {
      for (std::size_t device = 0; device < devices; ++device) {
        const int slot = state.free_slot(static_cast<int>(device));
        next[device] = slot < 0 ? state.end_slot(static_cast<int>(device)) : slot;
      }
      continue;
    }
    if (state.replicas(piece.expert) == 0) all = false;
  }
  return all;
}

bool place_standing(LayerState& state) {
  const LayerProblem& problem = state.problem();
  const Prepared& prepared = *problem.prepared;
  const auto row = prepared.instance.placement->row(static_cast<std::size_t>(problem.layer));
  for (int device = 0; device < problem.devices(); ++device) {
    int slot = state.begin_slot(device);
    const auto d = static_cast<std::size_t>(device);
    for (int position = prepared.first_slot[d]; position < prepared.first_slot[d + 1]; ++position) {
      const int expert = row[static_cast<std::size_t>(position)];
      if (expert < 0 || slot >= state.end_slot(device) || !state.may_hold(expert, device)) continue;
      const bool first = state.replicas(expert) == 0;
      state.set(slot++, expert, first ? problem.load[static_cast<std::size_t>(expert)] : 0.0);
    }
  }
  // Lost experts: the lightest device with an empty slot, else the slot of the expert with most replicas.
  for (int expert = 0; expert < problem.experts(); ++expert) {
    if (state.replicas(expert) > 0) continue;
    const double tokens = problem.load[static_cast<std::size_t>(expert)];
    int chosen = -1;
    std::tuple<int, double> chosen_key;
    for (int slot = 0; slot < state.slot_count(); ++slot) {
      const int device = state.device(slot);
      const int other = state.expert(slot);
      if (!state.may_hold(expert, device) || (other >= 0 && state.replicas(other) < 2)) continue;
      if (!problem.device_move_limit.empty() && state.device_moves(device) + state.arrival_moves(expert, device) >
                                                    problem.device_move_limit[static_cast<std::size_t>(device)]) {
        continue;
      }
      const std::tuple<int, double> key{other < 0 ? 0 : 1000000 - state.replicas(other), state.device_seconds(device)};
      if (chosen < 0 || key < chosen_key) {
        chosen = slot;
        chosen_key = key;
      }
    }
    if (chosen < 0) return false;
    const int other = state.expert(chosen);
    const double carried = state.tokens(chosen);
    state.set(chosen, expert, tokens);
    if (other >= 0 && carried > 0) {
      const int heir = state.slots_of(other).front();
      state.set_tokens(heir, state.tokens(heir) + carried);
    }
  }
  if (!prepared.even || !prepared.instance.cluster.fill_slots) return true;
  for (int slot = 0; slot < state.slot_count(); ++slot) {
    if (state.expert(slot) >= 0) continue;
    // What stood there before costs no move; else one more copy of the largest replica that may stand here.
    const int device = state.device(slot);
    int chosen = -1;
    std::tuple<int, int, double> chosen_key;
    for (int expert = 0; expert < problem.experts(); ++expert) {
      if (!state.may_hold(expert, device)) continue;
      const std::tuple<int, int, double> key{state.arrival_moves(expert, device), state.copies(expert, device),
                                             -state.even_seconds(expert, state.replicas(expert))};
      if (chosen < 0 || key < chosen_key) {
        chosen = expert;
        chosen_key = key;
      }
    }
    if (chosen < 0) return false;
    state.set(slot, chosen);
  }
  return true;
}

}  // namespace plimsoll::experts
