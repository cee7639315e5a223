#include "planner/experts/search/layer_search.hpp"

#include <algorithm>

#include "planner/experts/exact/branch_core.hpp"
#include "planner/experts/search/assemble.hpp"
#include "planner/experts/search/construct.hpp"
#include "planner/experts/search/even_search.hpp"
#include "planner/experts/search/split.hpp"
#include "planner/experts/search/token_flow.hpp"
#include "planner/experts/search/weighted_search.hpp"
#include "planner/experts/search/wrap_layer.hpp"

namespace plimsoll::experts {
namespace {

constexpr int share_levels = 6;

}  // namespace

LayerSearch::LayerSearch(LayerProblem problem, double bound, std::uint64_t seed)
    : problem_(std::move(problem)), bound_(bound), random_(seed, static_cast<std::uint64_t>(problem_.layer)) {}

double LayerSearch::score(const LayerPlan& plan) const {
  return plan.seconds + problem_.prepared->instance.move_seconds * static_cast<double>(plan.moves);
}

std::uint64_t LayerSearch::take_work() {
  const std::uint64_t work = work_;
  work_ = 0;
  return work;
}

bool LayerSearch::keep(const LayerState& state) {
  if (!state.complete() || !state.within_move_limits()) return false;
  LayerPlan plan = state.plan();
  // The state judges parts of whole tokens by the larger one.
  if (!weighted() && problem_.prepared->curve.tiled()) plan.seconds = even_layer_seconds(problem_, plan.replicas);
  if (best_.feasible && score(plan) >= score(best_)) return false;
  best_ = std::move(plan);
  best_home_ = problem_.home;
  return true;
}

void LayerSearch::start_from_best() {
  problem_.home = best_home_;
  state_->load(best_);
}

void LayerSearch::settle_shares(LayerState& state) {
  if (!exact_shares() || !state.complete()) return;
  const double before = state.seconds();
  state.forget();
  work_ += flow_work * solve_shares(state, share_levels).work;
  if (state.seconds() > before) state.undo_to(0);
  state.forget();
}

// A fresh plan into the empty state; random numbers, where given, shake the replica counts and the groups.
bool LayerSearch::build(support::Random* random) {
  if (!bind_groups(problem_, random, problem_.home)) return false;
  state_->clear();
  work_ += static_cast<std::uint64_t>(state_->slot_count());
  if (weighted()) {
    if (bound_ > 0 && wrap_layer(*state_, bound_, work_, random)) return true;
    state_->clear();
  }
  return build_even_parts(random);
}

bool LayerSearch::build_even_parts(support::Random* random) {
  std::vector<double> weight;
  if (random != nullptr) {
    for (int expert = 0; expert < problem_.experts(); ++expert) weight.push_back(0.75 + 0.5 * random->uniform());
  }
  state_->clear();
  const bool placed = place_largest_first(*state_, greedy_counts(problem_, weight));
  state_->forget();
  return placed;
}

bool LayerSearch::build_standing() {
  state_->clear();
  if (!bind_groups_as_standing(problem_, problem_.home) || !place_standing(*state_)) return false;
  settle_shares(*state_);
  if (weighted() && !exact_shares()) shift_tokens(*state_, work_);
  if (weighted()) drop_idle_replicas(*state_);
  state_->forget();
  return true;
}

void LayerSearch::construct(const support::Meter& meter) {
  state_ = std::make_unique<LayerState>(problem_);
  const bool standing = problem_.prepared->moves_matter() && build_standing() && keep(*state_);
  if (closed()) return;
  // Under a limit, moves are left to those layers where they gain most.
  if (standing && (problem_.move_limit < no_limit || !problem_.device_move_limit.empty())) return;
  if (meter.urgent()) {
    if (!best_.feasible && bind_groups(problem_, nullptr, problem_.home) && build_even_parts(nullptr)) keep(*state_);
  } else {
    if (build(nullptr)) consider_built();
    // Where slots are too scarce for the line, equal parts packed largest first are often the better start.
    if (weighted() && !closed() && build_even_parts(nullptr)) consider_built();
  }
  if (best_.feasible) start_from_best();
}

// Keeps a plan that was made without regard to what stands, as close to it as exchanging devices allows.
void LayerSearch::consider_built() {
  if (problem_.prepared->moves_matter()) {
    state_->load(relabel(*problem_.prepared, problem_.layer, state_->plan()));
  } else if (state_->seconds() > bound_ * (1 + 1e-10)) {
    settle_shares(*state_);
    if (weighted()) drop_idle_replicas(*state_);
    state_->forget();
  }
  keep(*state_);
}

void LayerSearch::search(LayerState& state, std::uint64_t work_limit, const support::Meter& meter) {
  const std::uint64_t end = work_ + work_limit;
  const double target = bound_ * (1 + 1e-10);
  if (weighted()) {
    improve_weighted(state, target, random_, end, meter, work_);
  } else {
    improve_even(state, target, random_, end, meter, work_);
  }
}

// A new start: other groups on other nodes, or other replica counts.
void LayerSearch::restart(std::uint64_t work_limit, const support::Meter& meter) {
  bool built = false;
  if (!best_home_.empty() && random_.below(2) == 0) {
    std::vector<int> home = best_home_;
    if (rebind_groups(problem_, random_, home)) {
      problem_.home = std::move(home);
      state_->clear();
      built = weighted() && bound_ > 0 ? wrap_layer(*state_, bound_, work_) : build_even_parts(nullptr);
    }
  } else {
    built = build(&random_);
  }
  if (built && problem_.prepared->moves_matter()) {
    state_->load(relabel(*problem_.prepared, problem_.layer, state_->plan()));
    built = state_->within_move_limits();
  }
  if (built) search(*state_, work_limit, meter);
}

void LayerSearch::improve(std::uint64_t work, const support::Meter& meter) {
  if (closed() || meter.urgent()) return;
  const std::uint64_t end = work_ + work;
  // Every second round without a gain tries another start, as long as there is room for it in the limits.
  const bool fresh = rounds_++ > 0 && idle_rounds_ % 2 == 1;
  if (fresh || !best_.feasible) {
    restart(work, meter);
  } else {
    search(*state_, work, meter);
  }
  if (keep(*state_)) {
    idle_rounds_ = 0;
  } else {
    ++idle_rounds_;
    if (best_.feasible) start_from_best();
  }
  // A round that had nothing to do has used its part all the same, or rounds would go on for ever.
  if (!closed()) work_ = std::max(work_, end);
}

void LayerSearch::limit_moves(std::int64_t total, std::vector<std::int64_t> per_device) {
  problem_.move_limit = total;
  problem_.device_move_limit = std::move(per_device);
}

std::int64_t LayerSearch::moves_to(int device) const { return state_ ? state_->device_moves(device) : 0; }

void LayerSearch::adopt(const LayerPlan& plan) {
  best_ = plan;
  best_home_ = problem_.home;
  if (problem_.prepared->instance.keep_groups_on_a_node) {
    best_home_.assign(problem_.load.size(), 0);
    for (const Replica& replica : plan.replicas) {
      best_home_[static_cast<std::size_t>(replica.expert)] =
          problem_.prepared->node[static_cast<std::size_t>(replica.device)];
    }
  }
  if (!state_) state_ = std::make_unique<LayerState>(problem_);
  start_from_best();
}

std::vector<int> LayerSearch::unused_slots() const {
  std::vector<int> unused = problem_.capacity;
  for (const Replica& replica : best_.replicas) --unused[static_cast<std::size_t>(replica.device)];
  return unused;
}

void LayerSearch::set_capacity(std::vector<int> capacity) {
  problem_.capacity = std::move(capacity);
  state_ = std::make_unique<LayerState>(problem_);
  if (best_.feasible) start_from_best();
}

LayerPlan LayerSearch::next_step(int most_moves) {
  LayerPlan found;
  double best_ratio = 0.0;
  const double before = score(best_);
  start_from_best();
  const std::int64_t moves = state_->moves();
  const double target = bound_ * (1 + 1e-10);
  // Several moves may be needed before the layer as a whole ends earlier.
  while (state_->seconds() > target) {
    const std::int64_t used = state_->moves() - moves;
    const double seconds = state_->seconds();
    // Steps that move nothing are free; the first one that moves ends the round.
    for (int step = 0; step < 100 && state_->moves() - moves <= used; ++step) {
      const double now = state_->seconds();
      if (weighted()) {
        descend_weighted(*state_, target, work_, 1);
      } else {
        descend_even(*state_, target, work_, 1);
      }
      if (state_->mark() == 0) break;
      state_->forget();
      if (state_->seconds() <= target || (now <= state_->seconds() && step > 20)) break;
    }
    if (weighted()) {
      // Solving the shares exactly after every move would cost more than it tells.
      shift_tokens(*state_, work_, 4 * problem_.devices());
      drop_idle_replicas(*state_);
      state_->forget();
    }
    const std::int64_t spent = state_->moves() - moves;
    if (spent > most_moves || !state_->within_move_limits()) break;
    LayerPlan plan = state_->plan();
    const double gain = before - score(plan);
    const double ratio = gain / (static_cast<double>(std::max<std::int64_t>(spent, 0)) + 1e-3);
    if (plan.feasible && gain > 1e-12 * before && ratio > best_ratio) {
      best_ratio = ratio;
      found = std::move(plan);
    }
    if (spent <= used && state_->seconds() >= seconds) break;
  }
  if (found.feasible && exact_shares()) {
    state_->load(found);
    settle_shares(*state_);
    drop_idle_replicas(*state_);
    found = state_->plan();
  }
  start_from_best();
  return found;
}

}  // namespace plimsoll::experts
