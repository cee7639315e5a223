// Iterated local search on one layer, the loop that even and weighted search share: kick, settle, keep what is not
// worse.
#pragma once

#include <cstdint>

#include "planner/experts/search/layer.hpp"
#include "support/meter.hpp"
#include "support/random.hpp"

namespace plimsoll::experts {

// What a kick and its undoing cost beside the candidates judged.
inline constexpr std::uint64_t kick_work = 60;

// Seconds and priced moves: what a layer adds to the objective.
inline double score_of(const LayerState& state) {
  return state.seconds() + state.problem().prepared->instance.move_seconds * static_cast<double>(state.moves());
}

// Any slot; every second time one of the device that ends last.
inline int pick_slot(const LayerState& state, support::Random& random) {
  const int bottleneck = state.bottleneck();
  const int width = state.end_slot(bottleneck) - state.begin_slot(bottleneck);
  if (width > 0 && random.below(2) == 0) {
    return state.begin_slot(bottleneck) + static_cast<int>(random.below(static_cast<std::size_t>(width)));
  }
  return static_cast<int>(random.below(static_cast<std::size_t>(state.slot_count())));
}

// Until the work is spent, the score at the target or the meter urgent. `kick(state, random)` makes one random change,
// `settle(best score)` descends from there. The state ends at the best it saw; it begins with a settling of its own.
template <class Kick, class Settle>
void iterate(LayerState& state, double target, support::Random& random, std::uint64_t work_limit,
             const support::Meter& meter, std::uint64_t& work, const Kick& kick, const Settle& settle) {
  state.forget();
  double best = score_of(state);
  const auto keep = [&] {
    const double now = score_of(state);
    if (now <= best && state.within_move_limits()) {
      best = now;
    } else {
      state.undo_to(0);
    }
    state.forget();
  };
  settle(best);
  keep();
  // A layer may end at the target and still have moves to save: the score decides.
  while (work < work_limit && best > target && !meter.urgent()) {
    const std::size_t times = 1 + random.below(3);
    for (std::size_t time = 0; time < times; ++time) kick(state, random);
    settle(best);
    work += kick_work;
    keep();
  }
}

}  // namespace plimsoll::experts
