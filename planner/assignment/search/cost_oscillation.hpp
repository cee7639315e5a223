// Tabu search between feasible and infeasible plans, for least cost: an item is forced out of its bin and may not
// return for a while, a descent over shifts and double shifts follows, and what the plan violates is charged by weights
// that rise where nothing feasible comes up and fall where everything is feasible (the strategic oscillation of
// Yagiura, Ibaraki and Glover 2004). Where nothing better comes up for long it starts again on the way from one good
// plan to another (their path relinking, 2006).
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "planner/assignment/search/cost_descent.hpp"
#include "planner/assignment/search/cost_guide.hpp"
#include "planner/assignment/search/cost_state.hpp"
#include "support/random.hpp"

namespace plimsoll::assignment {

class CostOscillation {
 public:
  CostOscillation(const CostGuide& guide, std::uint64_t seed);

  // Goes on from this plan, which may violate anything but `allowed`.
  void start(std::span<const int> bin_of);
  // The guide has new prices or candidates.
  void renew();

  // Iterates until `work` reaches `limit` or `stop()`; `found(bin_of)` is told every feasible plan better than
  // those before. With `first_only` it ends there.
  struct Watch {
    std::function<bool()> stop;
    std::function<void(const std::vector<int>&)> found;
    bool first_only = false;
  };
  void run(std::uint64_t& work, std::uint64_t limit, const Watch& watch);

  // The cost to beat, in the tables' unit; somebody else may know better.
  // True where it is better than what was found here.
  bool set_best(double cost) {
    const bool news = cost < best_;
    best_ = std::min(best_, cost);
    return news;
  }
  [[nodiscard]] bool has_plan() const { return has_plan_; }
  [[nodiscard]] const std::vector<int>& best_plan() const { return best_plan_; }

 private:
  void set_weights();
  void adapt();
  void kick();
  void settle(std::uint64_t& work, std::uint64_t limit, const Watch& watch);
  void note(const Watch& watch);
  void remember();
  void relink();

  const CostGuide& guide_;
  const CostTables& tables_;
  support::Random random_;
  CostState state_;
  CostDescent descent_;
  std::vector<std::vector<int>> elite_;
  std::vector<double> elite_cost_;
  std::vector<int> best_plan_;
  std::vector<int> kicked_;
  double best_;
  double current_ = 0;
  double round_best_ = 0;
  bool has_plan_ = false;
  int feasible_ = 0;
  int infeasible_ = 0;
  std::int64_t iteration_ = 0;
  std::int64_t improved_at_ = 0;
  bool fresh_ = true;
};

}  // namespace plimsoll::assignment
