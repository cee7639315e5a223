#include "planner/experts/search/even_search.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "planner/experts/search/iterate.hpp"

namespace plimsoll::experts {
namespace {

constexpr double no_gain = std::numeric_limits<double>::infinity();

class Descent {
 public:
  Descent(LayerState& state, std::uint64_t& work, bool with_moves = true)
      : state_(state),
        problem_(state.problem()),
        work_(work),
        price_(problem_.prepared->instance.move_seconds),
        counts_moves_(with_moves && problem_.prepared->moves_matter()),
        may_be_empty_(!problem_.prepared->instance.cluster.fill_slots),
        change_(static_cast<std::size_t>(problem_.devices()), 0.0) {}

  bool step() {
    look();
    return swap_once(bottleneck_) || recount_once() || eject_once();
  }
  bool swap() {
    look();
    return swap_once(bottleneck_);
  }
  bool recount() {
    look();
    return recount_once();
  }

 private:
  struct Swap {
    int from = -1;
    int to = -1;
    double score = no_gain;
  };

  void look() {
    work_ += 10 + static_cast<std::uint64_t>(problem_.devices());
    bottleneck_ = state_.bottleneck();
    current_ = state_.device_seconds(bottleneck_);
    // An improvement below rounding would let the descent run in circles.
    threshold_ = current_ - 1e-13 * current_;
  }

  double speed(int device) const { return problem_.prepared->speed(device); }

  // Change of the number of moves when an expert goes from one device to another.
  int move_change(int expert, int from, int to) const {
    if (expert < 0) return 0;
    const int left = state_.copies(expert, from) == 1 && !problem_.stood(expert, from) ? 1 : 0;
    return state_.arrival_moves(expert, to) - left;
  }

  bool swap_allowed(int slot, int other) const {
    const int mine = state_.expert(slot);
    const int theirs = state_.expert(other);
    if (mine == theirs) return false;
    if (mine >= 0 && !state_.may_hold(mine, state_.device(other))) return false;
    return theirs < 0 || state_.may_hold(theirs, state_.device(slot));
  }

  // The best swap that gets `device` and its partner below the threshold.
  Swap best_swap(int device) {
    Swap best;
    best.score = threshold_;
    const double seconds = state_.device_seconds(device);
    for (int slot = state_.begin_slot(device); slot < state_.end_slot(device); ++slot) {
      if (state_.expert(slot) < 0) continue;
      const double mine = state_.slot_seconds(slot);
      for (int partner = 0; partner < problem_.devices(); ++partner) {
        if (partner == device) continue;
        const double room = state_.device_seconds(partner);
        const double slowness = 1.0 / speed(partner);
        for (int other = state_.begin_slot(partner); other < state_.end_slot(partner); ++other) {
          const double shift = mine - state_.slot_seconds(other);
          if (shift <= 0) continue;
          const double score = std::max(seconds - shift / speed(device), room + shift * slowness);
          if (score >= best.score || !swap_allowed(slot, other)) continue;
          const double priced = score + price_of(slot, other);
          if (priced < best.score) best = {slot, other, priced};
        }
        work_ += static_cast<std::uint64_t>(state_.end_slot(partner) - state_.begin_slot(partner));
      }
    }
    return best;
  }

  double price_of(int slot, int other) {
    if (!counts_moves_) return 0.0;
    const int change = move_change(state_.expert(slot), state_.device(slot), state_.device(other)) +
                       move_change(state_.expert(other), state_.device(other), state_.device(slot));
    if (change <= 0) return 0.0;
    const LayerState::Mark mark = state_.mark();
    state_.exchange(slot, other);
    const bool fits = state_.within_move_limits();
    state_.undo_to(mark);
    return fits ? price_ * change : no_gain;
  }

  bool swap_once(int device) {
    const Swap best = best_swap(device);
    if (best.from < 0) return false;
    state_.exchange(best.from, best.to);
    return true;
  }

  // The largest time among all devices touched when `slot` changes to `expert` (-1: empty).
  double recount_score(int slot, int expert) {
    const int before = state_.expert(slot);
    const int device = state_.device(slot);
    touched_.clear();
    const auto touch = [&](int where, double seconds) {
      double& change = change_[static_cast<std::size_t>(where)];
      if (change == 0.0) touched_.push_back(where);
      change += seconds / speed(where);
    };
    if (before >= 0) {
      const int count = state_.replicas(before);
      const double piece = state_.slot_seconds(slot);
      const double larger = state_.even_seconds(before, count - 1);
      for (const int other : state_.slots_of(before)) {
        touch(state_.device(other), other == slot ? -piece : larger - piece);
      }
    }
    if (expert >= 0) {
      const int count = state_.replicas(expert);
      const double piece = state_.slot_seconds(state_.slots_of(expert).front());
      const double smaller = state_.even_seconds(expert, count + 1);
      for (const int other : state_.slots_of(expert)) touch(state_.device(other), smaller - piece);
      touch(device, smaller);
    }
    double score = 0.0;
    for (const int where : touched_) {
      score = std::max(score, state_.device_seconds(where) + change_[static_cast<std::size_t>(where)]);
      change_[static_cast<std::size_t>(where)] = 0.0;
    }
    work_ += touched_.size() + 1;
    return score;
  }

  void judge_recount(int slot, int expert, Swap& best) {
    const int before = state_.expert(slot);
    if (before == expert || (before >= 0 && state_.replicas(before) < 2)) return;
    if (expert >= 0 && !state_.may_hold(expert, state_.device(slot))) return;
    double score = recount_score(slot, expert);
    if (score >= best.score) return;
    if (counts_moves_ && expert >= 0 && state_.arrival_moves(expert, state_.device(slot)) > 0) {
      const LayerState::Mark mark = state_.mark();
      const std::int64_t moves = state_.moves();
      state_.set(slot, expert);
      if (!state_.within_move_limits()) score = no_gain;
      score += price_ * static_cast<double>(std::max<std::int64_t>(0, state_.moves() - moves));
      state_.undo_to(mark);
    }
    if (score < best.score) best = {slot, expert, score};
  }

  bool recount_once() {
    Swap best;
    best.score = threshold_;
    // A replica on the bottleneck is thinned by one more copy elsewhere ...
    for (int slot = state_.begin_slot(bottleneck_); slot < state_.end_slot(bottleneck_); ++slot) {
      const int expert = state_.expert(slot);
      if (expert < 0) continue;
      for (int target = 0; target < state_.slot_count(); ++target) {
        if (state_.device(target) != bottleneck_) judge_recount(target, expert, best);
      }
    }
    // ... or gives its slot to another expert, or leaves it.
    for (int slot = state_.begin_slot(bottleneck_); slot < state_.end_slot(bottleneck_); ++slot) {
      const int expert = state_.expert(slot);
      if (expert < 0 || state_.replicas(expert) < 2) continue;
      for (int other = 0; other < problem_.experts(); ++other) judge_recount(slot, other, best);
      if (may_be_empty_) judge_recount(slot, -1, best);
    }
    if (best.from < 0) return false;
    state_.set(best.from, best.to);
    return true;
  }

  // Swaps that relieve the bottleneck but overload the partner, the least overloaded first; the partner's best swap
  // must then bring it below the threshold too.
  bool eject_once() {
    std::array<Swap, 6> candidates;
    const double seconds = state_.device_seconds(bottleneck_);
    for (int slot = state_.begin_slot(bottleneck_); slot < state_.end_slot(bottleneck_); ++slot) {
      if (state_.expert(slot) < 0) continue;
      const double mine = state_.slot_seconds(slot);
      for (int other = 0; other < state_.slot_count(); ++other) {
        const int partner = state_.device(other);
        if (partner == bottleneck_) continue;
        const double shift = mine - state_.slot_seconds(other);
        if (shift <= 0 || seconds - shift / speed(bottleneck_) >= threshold_) continue;
        const double overload = state_.device_seconds(partner) + shift / speed(partner);
        if (overload >= candidates.back().score || !swap_allowed(slot, other)) continue;
        candidates.back() = {slot, other, overload};
        for (std::size_t k = candidates.size() - 1; k > 0 && candidates[k].score < candidates[k - 1].score; --k) {
          std::swap(candidates[k], candidates[k - 1]);
        }
      }
      work_ += static_cast<std::uint64_t>(state_.slot_count());
    }
    for (const Swap& candidate : candidates) {
      if (candidate.from < 0) break;
      const LayerState::Mark mark = state_.mark();
      const std::int64_t moves = state_.moves();
      const int partner = state_.device(candidate.to);
      state_.exchange(candidate.from, candidate.to);
      if (swap_once(partner) && state_.device_seconds(partner) < threshold_ &&
          (!counts_moves_ ||
           (state_.within_move_limits() &&
            state_.seconds() + price_ * static_cast<double>(std::max<std::int64_t>(0, state_.moves() - moves)) <
                threshold_))) {
        return true;
      }
      state_.undo_to(mark);
    }
    return false;
  }

  LayerState& state_;
  const LayerProblem& problem_;
  std::uint64_t& work_;
  double price_;
  bool counts_moves_;
  bool may_be_empty_;
  int bottleneck_ = 0;
  double current_ = 0;
  double threshold_ = 0;
  std::vector<double> change_;  // [devices] scratch, zero between calls
  std::vector<int> touched_;
};

// One slot changes its expert, or two slots change places, where that is allowed.
void kick(LayerState& state, support::Random& random) {
  const LayerProblem& problem = state.problem();
  const int slot = pick_slot(state, random);
  const int mine = state.expert(slot);
  if (random.below(3) == 0) {
    const int expert = static_cast<int>(random.below(static_cast<std::size_t>(problem.experts())));
    if (expert == mine || (mine >= 0 && state.replicas(mine) < 2) || !state.may_hold(expert, state.device(slot)))
      return;
    state.set(slot, expert);
    return;
  }
  const int other = static_cast<int>(random.below(static_cast<std::size_t>(state.slot_count())));
  const int theirs = state.expert(other);
  if (state.device(other) == state.device(slot) || mine == theirs) return;
  if (mine >= 0 && !state.may_hold(mine, state.device(other))) return;
  if (theirs >= 0 && !state.may_hold(theirs, state.device(slot))) return;
  state.exchange(slot, other);
}

}  // namespace

void descend_even(LayerState& state, double target, std::uint64_t& work, int step_limit) {
  Descent descent(state, work);
  for (int step = 0; step < step_limit && state.seconds() > target; ++step) {
    if (!descent.step()) return;
  }
}

bool swap_even(LayerState& state, std::uint64_t& work) { return Descent(state, work, false).swap(); }

bool recount_even(LayerState& state, std::uint64_t& work) { return Descent(state, work, false).recount(); }

void improve_even(LayerState& state, double target, support::Random& random, std::uint64_t work_limit,
                  const support::Meter& meter, std::uint64_t& work) {
  Descent descent(state, work);
  // A hopeless kick is not followed to its end.
  iterate(state, target, random, work_limit, meter, work, kick, [&](double) {
    for (int step = 0; step < 200 && state.seconds() > target && descent.step(); ++step) {
    }
  });
}

}  // namespace plimsoll::experts
