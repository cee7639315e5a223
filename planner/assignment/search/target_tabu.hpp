// Tabu search (Glover 1989) for a plan whose objective is at most a target: shifts and swaps out of a bin where
// something stands in the way, on the weighted violation; weights rise where it stays. Every feasible plan better than
// the context's is offered, whether it meets the target or not.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "planner/assignment/bounds/target_linear.hpp"
#include "planner/assignment/context.hpp"
#include "planner/assignment/search/target_moves.hpp"
#include "support/random.hpp"

namespace plimsoll::assignment {

class TargetTabu {
 public:
  TargetTabu(const Times& times, const LinearTarget& linear, std::uint64_t seed, std::uint64_t stream);

  // Leaves out pairs that the relaxation excludes from plans of this objective. `free_split`: with prices for changes,
  // part the target anew between makespan and prices, at random.
  void aim(double objective, bool free_split);
  void start(std::span<const int> bin_of, Context& context);
  // Goes on from the present state for at most so many steps; true: the target is reached.
  bool run(std::uint64_t steps, Context& context);

  [[nodiscard]] const Schedule& schedule() const { return schedule_; }
  [[nodiscard]] double least_violation() const { return least_; }
  support::Random& random() { return random_; }
  std::uint64_t take_work();

 private:
  void choose_near();
  void note(Context& context);
  bool step(Context& context);
  void shake();
  [[nodiscard]] bool reached(const Context& context) const;

  const Times& times_;
  const LinearTarget& linear_;
  Schedule schedule_;
  TargetMoves moves_;
  support::Random random_;
  std::vector<int> best_;  // of this target
  double least_ = Times::never;
  double objective_ = Times::never;
  double best_makespan_ = Times::never;
  std::uint64_t now_ = 0;
  std::uint64_t idle_ = 0;
};

}  // namespace plimsoll::assignment
