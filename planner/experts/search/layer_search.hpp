// The search of one layer: a constructed plan, then rounds of local search with restarts. Owns its random numbers, so
// that layers can run on any thread in any order.
#pragma once

#include <cstdint>
#include <memory>

#include "planner/experts/search/layer.hpp"
#include "support/meter.hpp"
#include "support/random.hpp"

namespace plimsoll::experts {

// A plan this close to a bound, relatively, is taken as optimal; far inside what a certificate may call so.
inline constexpr double closing_margin = 4e-10;

class LayerSearch {
 public:
  LayerSearch(LayerProblem problem, double bound, std::uint64_t seed);

  // A first plan: from what stands where moves are limited or priced, else constructed; only the quickest one when the
  // meter is urgent. May fail: see best().feasible.
  void construct(const support::Meter& meter);
  // Spends about so much work; stops where the plan reaches the bound (closed()).
  void improve(std::uint64_t work, const support::Meter& meter);

  [[nodiscard]] const LayerPlan& best() const { return best_; }
  [[nodiscard]] const LayerProblem& problem() const { return problem_; }
  [[nodiscard]] bool closed() const { return best_.feasible && score(best_) <= bound_ * (1 + closing_margin); }
  void raise_bound(double seconds) { bound_ = std::max(bound_, seconds); }
  [[nodiscard]] double bound() const { return bound_; }
  // Work since the last call.
  std::uint64_t take_work();

  // Moves this layer may make from now on, in total and to each device (empty: no limit per device).
  void limit_moves(std::int64_t total, std::vector<std::int64_t> per_device);
  [[nodiscard]] std::int64_t moves_to(int device) const;

  // Slots per device that the best plan leaves empty, and another number of slots that holds at least its replicas.
  [[nodiscard]] std::vector<int> unused_slots() const;
  [[nodiscard]] const std::vector<int>& capacity() const { return problem_.capacity; }
  void set_capacity(std::vector<int> capacity);

  // The best next step under the limits: the plan after a few moves that makes the layer end earlier, or an infeasible
  // plan where none does. Nothing is adopted.
  LayerPlan next_step(int most_moves);
  // Adopts a plan of this layer, on whatever nodes it has the groups.
  void adopt(const LayerPlan& plan);
  // Seconds plus priced moves.
  [[nodiscard]] double score(const LayerPlan& plan) const;

 private:
  [[nodiscard]] bool weighted() const { return !problem_.prepared->even; }
  [[nodiscard]] bool exact_shares() const { return weighted() && !problem_.prepared->curve.table(); }
  bool build(support::Random* random);
  bool build_even_parts(support::Random* random);
  bool build_standing();
  void consider_built();
  void search(LayerState& state, std::uint64_t work_limit, const support::Meter& meter);
  void settle_shares(LayerState& state);
  bool keep(const LayerState& state);
  void start_from_best();
  void restart(std::uint64_t work_limit, const support::Meter& meter);

  LayerProblem problem_;
  double bound_;
  support::Random random_;
  std::unique_ptr<LayerState> state_;
  LayerPlan best_;
  std::vector<int> best_home_;
  std::uint64_t work_ = 0;
  int rounds_ = 0;
  int idle_rounds_ = 0;
};

}  // namespace plimsoll::experts
