#include "planner/experts/search/wrap_layer.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "planner/experts/search/construct.hpp"

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

// A device this close to the line, relatively, has reached it: what rounding leaves must not cost a slot.
constexpr double reached = 1e-10;

class Wrap {
 public:
  Wrap(LayerState& state, double line, std::uint64_t& work)
      : state_(state),
        problem_(state.problem()),
        prepared_(*problem_.prepared),
        line_(line * (1 + 4e-12)),
        work_(work),
        done_(static_cast<std::size_t>(problem_.devices()), false) {}

  // The device that is furthest beyond the line hands over until none is, or nobody can take.
  void run() {
    for (int expert = 0; expert < problem_.experts(); ++expert) fill_from_last(expert);
    // D - 1 hand-overs suffice where slots do; more than a few per device means that they do not.
    const std::uint64_t most_work = work_ + 50'000 + 400 * static_cast<std::uint64_t>(state_.slot_count());
    for (int round = 0; round < 4 * problem_.devices() && work_ < most_work; ++round) {
      int giver = -1;
      double excess = line_ * (1 + reached);
      for (int device = 0; device < problem_.devices(); ++device) {
        if (state_.device_seconds(device) <= excess || done_[static_cast<std::size_t>(device)]) continue;
        giver = device;
        excess = state_.device_seconds(device);
      }
      if (giver < 0) return;
      if (!hand_to_sibling(giver) && !hand_over(giver, true) && !lift(false) && !lift(true) && !hand_over(giver, false))
        done_[static_cast<std::size_t>(giver)] = true;
    }
  }

 private:
  // Seconds at speed 1 that a device lacks to the line.
  [[nodiscard]] double room(int device) const {
    return (line_ - state_.device_seconds(device)) * prepared_.speed(device);
  }

  // Tokens that take so many seconds, less `fixed` for a replica that is new; whole tiles where tokens come in tiles.
  [[nodiscard]] double tokens_for(double seconds, double fixed) const {
    const CostCurve& curve = prepared_.curve;
    if (prepared_.curve.table()) return curve.tokens_within(seconds);
    if (!(curve.rate() > 0)) return 0.0;
    const double tokens = (seconds - fixed) / curve.rate();
    return curve.tiled() ? std::floor(tokens / curve.tile() * (1 + 1e-12)) * curve.tile() : tokens;
  }

  void move_tokens(int from, int to, double tokens) {
    const double left = state_.tokens(from) - tokens;
    const int expert = state_.expert(from);
    state_.set(to, expert, (state_.expert(to) == expert ? state_.tokens(to) : 0.0) + tokens);
    if (left > 0) {
      state_.set_tokens(from, left);
    } else {
      state_.set(from, -1);
    }
  }

  // An expert that needs several replicas anyway brings all but the last of their devices to the line.
  void fill_from_last(int expert) {
    const std::vector<int> slots = state_.slots_of(expert);
    if (slots.size() < 2) return;
    const int last = slots.back();
    for (std::size_t k = 0; k + 1 < slots.size(); ++k) {
      const double lacking = room(state_.device(slots[k]));
      double tokens = lacking >= 0 ? tokens_for(lacking, 0.0) : -tokens_for(-lacking, 0.0);
      // Some tokens stay on either side, so that both remain replicas.
      const double least =
          prepared_.whole_tokens ? prepared_.curve.tile() : 1e-6 * (state_.tokens(last) + state_.tokens(slots[k]));
      tokens = std::min(tokens, state_.tokens(last) - least);
      tokens = std::max(tokens, least - state_.tokens(slots[k]));
      if (state_.tokens(last) - tokens <= 0 || state_.tokens(slots[k]) + tokens <= 0) continue;
      state_.set_tokens(last, state_.tokens(last) - tokens);
      state_.set_tokens(slots[k], state_.tokens(slots[k]) + tokens);
      ++work_;
    }
  }

  // A replica of the same expert on a device below the line takes tokens without a new slot.
  bool hand_to_sibling(int giver) {
    const double excess = -room(giver);
    for (int slot = state_.begin_slot(giver); slot < state_.end_slot(giver); ++slot) {
      const int expert = state_.expert(slot);
      if (expert < 0 || state_.replicas(expert) < 2) continue;
      for (const int sibling : state_.slots_of(expert)) {
        ++work_;
        if (state_.device(sibling) == giver) continue;
        const double tokens =
            std::min(tokens_for(std::min(room(state_.device(sibling)), excess), 0.0), state_.tokens(slot));
        if (!(tokens > 0) || tokens * prepared_.curve.rate() < 1e-9 * excess) continue;
        move_tokens(slot, sibling, tokens);
        return true;
      }
    }
    return false;
  }

  // The emptiest device that one replica of the giver fills to the line (`whole`), or that takes the most of one.
  bool hand_over(int giver, bool whole) {
    struct Choice {
      int from = -1;
      int to = -1;
      double tokens = 0;
      double room = 0;
    };
    Choice full;
    Choice part;
    for (int device = 0; device < problem_.devices(); ++device) {
      const double lacking = room(device);
      if (device == giver || lacking <= std::max(full.room, reached * line_) ||
          problem_.capacity[static_cast<std::size_t>(device)] == 0)
        continue;
      const int open = state_.free_slot(device);
      ++work_;
      if (open < 0) continue;
      const double wanted = tokens_for(lacking, prepared_.curve.fixed());
      if (!(wanted > 0)) continue;
      // The smallest replica that is large enough keeps the large ones for later.
      int enough = -1;
      int largest = -1;
      for (int slot = state_.begin_slot(giver); slot < state_.end_slot(giver); ++slot) {
        const int expert = state_.expert(slot);
        if (expert < 0 || state_.copies(expert, device) > 0 || !problem_.allowed(expert, device)) continue;
        if (largest < 0 || state_.tokens(slot) > state_.tokens(largest)) largest = slot;
        if (state_.tokens(slot) < wanted) continue;
        if (enough < 0 || state_.tokens(slot) < state_.tokens(enough)) enough = slot;
      }
      work_ += static_cast<std::uint64_t>(state_.end_slot(giver) - state_.begin_slot(giver));
      if (enough >= 0) {
        full = {enough, open, wanted, lacking};
      } else if (largest >= 0 && state_.tokens(largest) > part.tokens) {
        part = {largest, open, state_.tokens(largest), lacking};
      }
    }
    const Choice& choice = whole ? full : part;
    if (choice.from < 0 || !(choice.tokens > 0)) return false;
    move_tokens(choice.from, choice.to, choice.tokens);
    return true;
  }

  // A device below the line without a free slot can take nothing. It exchanges a small replica for a larger one that
  // lifts it to the line or beyond, and gives in its turn; the partner has a free slot to be filled again.
  // Partners that stand on the line come last (`from_line`).
  bool lift(bool from_line) {
    int mine = -1;
    int theirs = -1;
    double least = 0.0;
    for (int device = 0; device < problem_.devices(); ++device) {
      const double lacking = room(device);
      if (lacking <= reached * line_ || problem_.capacity[static_cast<std::size_t>(device)] == 0) continue;
      if (state_.free_slot(device) >= 0) continue;
      for (int slot = 0; slot < state_.slot_count(); ++slot) {
        const int expert = state_.expert(slot);
        const int partner = state_.device(slot);
        if (partner == device) slot = state_.end_slot(device) - 1;
        if (partner == device || expert < 0) continue;
        // A partner on the line would need a hand-over of its own again.
        if (state_.free_slot(partner) < 0 || (!from_line && std::abs(room(partner)) <= reached * line_)) {
          slot = state_.end_slot(partner) - 1;
          continue;
        }
        if (state_.slot_seconds(slot) < lacking) continue;
        if (state_.copies(expert, device) > 0 || !problem_.allowed(expert, device)) continue;
        for (int other = state_.begin_slot(device); other < state_.end_slot(device); ++other) {
          const double more = state_.slot_seconds(slot) - state_.slot_seconds(other);
          const int exchanged = state_.expert(other);
          if (more < lacking || (mine >= 0 && more >= least)) continue;
          if (state_.copies(exchanged, partner) > 0 || !problem_.allowed(exchanged, partner)) continue;
          mine = slot;
          theirs = other;
          least = more;
        }
        work_ += static_cast<std::uint64_t>(state_.end_slot(device) - state_.begin_slot(device));
      }
    }
    if (mine < 0) return false;
    state_.exchange(mine, theirs);
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

bool wrap_layer(LayerState& state, double line, std::uint64_t& work, support::Random* random) {
  const std::vector<int> counts = fewest_counts(state.problem(), line);
  if (!place_largest_first(state, counts, leave_room(state.problem(), counts), random)) return false;
  Wrap(state, line, work).run();
  state.forget();
  return true;
}

}  // namespace plimsoll::experts
