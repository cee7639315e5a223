#include "planner/experts/search/weighted_search.hpp"

#include <algorithm>
#include <limits>

#include "planner/experts/search/balance.hpp"
#include "planner/experts/search/iterate.hpp"
#include "planner/experts/search/token_flow.hpp"

namespace plimsoll::experts {
namespace {

// Tight sets solved apart by the flow; more cost more than they tell.
constexpr int share_levels = 3;
constexpr double no_gain = std::numeric_limits<double>::infinity();

class Descent {
 public:
  Descent(LayerState& state, std::uint64_t& work)
      : state_(state),
        problem_(state.problem()),
        prepared_(*problem_.prepared),
        curve_(prepared_.curve),
        work_(work),
        price_(prepared_.instance.move_seconds),
        counts_moves_(prepared_.moves_matter()) {}

  // Only shifts; a replica that loses its tokens stays.
  bool shift() {
    look_at_bottleneck();
    for (int slot = state_.begin_slot(bottleneck_); slot < state_.end_slot(bottleneck_); ++slot) {
      if (state_.expert(slot) >= 0 && state_.tokens(slot) > 0) judge_shifts(slot);
    }
    if (best_.kind == Kind::none) return false;
    state_.set_tokens(best_.other, state_.tokens(best_.other) + best_.tokens);
    // All of them, give or take a rounding, must not leave less than nothing.
    state_.set_tokens(best_.slot, std::max(0.0, state_.tokens(best_.slot) - best_.tokens));
    return true;
  }

  bool step() {
    look_at_bottleneck();
    for (int slot = state_.begin_slot(bottleneck_); slot < state_.end_slot(bottleneck_); ++slot) {
      if (state_.expert(slot) < 0 || state_.tokens(slot) <= 0) continue;
      judge_shifts(slot);
      judge_swaps(slot);
      judge_splits(slot);
    }
    if (best_.kind == Kind::none) return false;
    apply(best_);
    return true;
  }

 private:
  enum class Kind { none, shift, swap, split };
  struct Change {
    Kind kind = Kind::none;
    int slot = -1;
    int other = -1;
    int heir = -1;      // split: where the tokens of `other` go first; -1: it has none
    double tokens = 0;  // that leave `slot`
    double score = no_gain;
  };

  void look_at_bottleneck() {
    work_ += 10 + static_cast<std::uint64_t>(problem_.devices());
    bottleneck_ = state_.bottleneck();
    seconds_ = state_.device_seconds(bottleneck_);
    best_ = Change{};
    best_.score = seconds_ - 1e-12 * seconds_;
  }

  [[nodiscard]] double speed(int device) const { return prepared_.speed(device); }
  // The device's seconds at speed 1 without one of its slots.
  [[nodiscard]] Side without(int slot) const {
    const int device = state_.device(slot);
    return {state_.device_seconds(device) * speed(device) - state_.slot_seconds(slot), speed(device)};
  }

  void consider(Change change) {
    if (change.score >= best_.score) return;
    if (counts_moves_ && change.kind != Kind::shift) {
      const LayerState::Mark mark = state_.mark();
      const std::int64_t moves = state_.moves();
      apply(change);
      const bool fits = state_.within_move_limits();
      const std::int64_t more = std::max<std::int64_t>(0, state_.moves() - moves);
      state_.undo_to(mark);
      if (!fits) return;
      change.score += price_ * static_cast<double>(more);
      if (change.score >= best_.score) return;
    }
    best_ = change;
  }

  void judge_shifts(int slot) {
    const Side first = without(slot);
    for (const int sibling : state_.slots_of(state_.expert(slot))) {
      if (sibling == slot || state_.device(sibling) == bottleneck_) continue;
      const double held = state_.tokens(sibling);
      const Split split = balance(curve_, state_.tokens(slot) + held, first, without(sibling));
      if (split.tokens > held) consider({Kind::shift, slot, sibling, -1, split.tokens - held, split.seconds});
      ++work_;
    }
  }

  void judge_swaps(int slot) {
    const int mine = state_.expert(slot);
    const double seconds = state_.slot_seconds(slot);
    for (int device = 0; device < problem_.devices(); ++device) {
      if (device == bottleneck_ || !problem_.allowed(mine, device) || state_.copies(mine, device) > 0) continue;
      const double room = state_.device_seconds(device);
      for (int other = state_.begin_slot(device); other < state_.end_slot(device); ++other) {
        const double shift = seconds - state_.slot_seconds(other);
        if (shift <= 0) continue;
        const double score = std::max(seconds_ - shift / speed(bottleneck_), room + shift / speed(device));
        if (score >= best_.score) continue;
        const int theirs = state_.expert(other);
        if (theirs >= 0 && (!problem_.allowed(theirs, bottleneck_) || state_.copies(theirs, bottleneck_) > 0)) continue;
        consider({Kind::swap, slot, other, -1, 0.0, score});
      }
      work_ += static_cast<std::uint64_t>(state_.end_slot(device) - state_.begin_slot(device));
    }
  }

  void judge_splits(int slot) {
    const int mine = state_.expert(slot);
    const double tokens = state_.tokens(slot);
    const Side first = without(slot);
    for (int device = 0; device < problem_.devices(); ++device) {
      if (device == bottleneck_ || !problem_.allowed(mine, device) || state_.copies(mine, device) > 0) continue;
      for (int other = state_.begin_slot(device); other < state_.end_slot(device); ++other) {
        const int theirs = state_.expert(other);
        Change change{Kind::split, slot, other, -1, 0.0, 0.0};
        double elsewhere = 0.0;
        if (theirs >= 0) {
          if (state_.replicas(theirs) < 2) continue;
          if (state_.tokens(other) > 0 && !find_heir(other, change.heir, elsewhere)) continue;
        }
        const Split split = balance(curve_, tokens, first, without(other));
        if (split.tokens <= 0) continue;
        change.tokens = split.tokens;
        change.score = std::max(split.seconds, elsewhere);
        consider(change);
        if (theirs < 0) break;  // one empty slot is as good as another
      }
      work_ += static_cast<std::uint64_t>(state_.end_slot(device) - state_.begin_slot(device));
    }
  }

  // The sibling that can take all tokens of `slot` and ends earliest with them.
  bool find_heir(int slot, int& heir, double& seconds) {
    seconds = best_.score;
    for (const int sibling : state_.slots_of(state_.expert(slot))) {
      if (sibling == slot || state_.device(sibling) == bottleneck_ || state_.device(sibling) == state_.device(slot)) {
        continue;
      }
      const double later = without(sibling).seconds(curve_, state_.tokens(sibling) + state_.tokens(slot));
      ++work_;
      if (later < seconds) {
        heir = sibling;
        seconds = later;
      }
    }
    return heir >= 0;
  }

  void apply(const Change& change) {
    const int mine = state_.expert(change.slot);
    const double held = state_.tokens(change.slot);
    switch (change.kind) {
      case Kind::none:
        return;
      case Kind::shift:
        state_.set_tokens(change.other, state_.tokens(change.other) + change.tokens);
        take(change.slot, held - change.tokens);
        return;
      case Kind::swap:
        state_.exchange(change.slot, change.other);
        return;
      case Kind::split:
        if (change.heir >= 0) {
          state_.set_tokens(change.heir, state_.tokens(change.heir) + state_.tokens(change.other));
        }
        state_.set(change.other, mine, change.tokens);
        take(change.slot, held - change.tokens);
        return;
    }
  }

  // Leaves so many tokens on the slot; a replica without tokens gives it up.
  void take(int slot, double left) {
    if (left > 0) {
      state_.set_tokens(slot, left);
    } else {
      state_.set(slot, -1);
    }
  }

  LayerState& state_;
  const LayerProblem& problem_;
  const Prepared& prepared_;
  const CostCurve& curve_;
  std::uint64_t& work_;
  double price_;
  bool counts_moves_;
  int bottleneck_ = 0;
  double seconds_ = 0;
  Change best_;
};

// A replica leaves its tokens to another of the same expert, or two slots change places, where that is allowed.
void kick(LayerState& state, support::Random& random) {
  const LayerProblem& problem = state.problem();
  const int slot = pick_slot(state, random);
  const int mine = state.expert(slot);
  const int other = static_cast<int>(random.below(static_cast<std::size_t>(state.slot_count())));
  const int theirs = state.expert(other);
  if (mine < 0 || mine == theirs || state.device(slot) == state.device(other)) return;
  if (random.below(4) == 0 && state.replicas(mine) > 1) {
    const auto& siblings = state.slots_of(mine);
    const int heir = siblings[random.below(siblings.size())];
    if (heir == slot) return;
    state.set_tokens(heir, state.tokens(heir) + state.tokens(slot));
    state.set(slot, -1);
    return;
  }
  const auto fits = [&](int expert, int device) {
    return expert < 0 || (problem.allowed(expert, device) && state.copies(expert, device) == 0);
  };
  if (fits(mine, state.device(other)) && fits(theirs, state.device(slot))) state.exchange(slot, other);
}

}  // namespace

void shift_tokens(LayerState& state, std::uint64_t& work, int step_limit) {
  Descent descent(state, work);
  for (int step = 0; step < std::min(step_limit, 100 * state.slot_count()) && descent.shift(); ++step) {
  }
}

void drop_idle_replicas(LayerState& state) {
  for (int slot = 0; slot < state.slot_count(); ++slot) {
    const int expert = state.expert(slot);
    if (expert >= 0 && state.tokens(slot) <= 0 && state.replicas(expert) > 1) state.set(slot, -1);
  }
}

void descend_weighted(LayerState& state, double target, std::uint64_t& work, int step_limit) {
  Descent descent(state, work);
  for (int step = 0; step < step_limit && state.seconds() > target; ++step) {
    if (!descent.step()) return;
  }
}

void improve_weighted(LayerState& state, double target, support::Random& random, std::uint64_t work_limit,
                      const support::Meter& meter, std::uint64_t& work) {
  const bool exact_shares = !state.problem().prepared->curve.table();
  Descent descent(state, work);
  // The exact shares cost as much as many kicks; the less they have gained of late, the rarer they are solved.
  std::uint64_t wait = 0;
  std::uint64_t waited = 0;
  const auto descend = [&](int steps) {
    for (int step = 0; step < steps && state.seconds() > target && descent.step(); ++step) {
    }
  };
  iterate(state, target, random, work_limit, meter, work, kick, [&](double best) {
    descend(300);
    const double before = score_of(state);
    if (!exact_shares || state.seconds() <= target || before > best * 1.02 || waited++ < wait) return;
    waited = 0;
    work += flow_work * solve_shares(state, share_levels).work;
    drop_idle_replicas(state);
    descend(100);
    wait = score_of(state) < before * (1 - 1e-9) ? 0 : std::min<std::uint64_t>(2 * wait + 1, 63);
  });
}

}  // namespace plimsoll::experts
