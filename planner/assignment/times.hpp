// A makespan instance as times of pairs: what all bounds and searches on the makespan work on. Rows belong to items,
// because moves and branches look at all bins of one item.
#pragma once

#include <limits>
#include <span>
#include <vector>

#include "planner/assignment/prepare.hpp"

namespace plimsoll::assignment {

struct Times {
  explicit Times(const Prepared& prepared);

  static constexpr double never = std::numeric_limits<double>::infinity();

  const Prepared& prepared;
  int bins;
  int items;
  Matrix<double> time;                 // [items][bins] size / speed, `never` where the pair is not allowed
  Matrix<double> cost;                 // [items][bins] the prices of changes
  bool priced;                         // some price is not 0: the objective is makespan + prices
  double least_cost;                   // no plan pays less for changes; rounded down
  std::vector<double> least_cost_of;   // [items]
  std::vector<std::vector<int>> open;  // [items] its allowed bins, soonest first

  [[nodiscard]] double at(int item, int bin) const {
    return time.at(static_cast<std::size_t>(item), static_cast<std::size_t>(bin));
  }
  // The largest sum of sizes with which the bin can be done by `target`; rounded outward, whole where sizes are.
  [[nodiscard]] double room(int bin, double target) const;
  // The makespan of every plan whose objective is at most `objective`.
  [[nodiscard]] double latest(double objective) const;
  // The next target above (a whole number of steps; at least a relative 1e-9 where no step is known).
  [[nodiscard]] double next(double target) const;
  // The largest target worth trying against a plan of this objective: one step less; where no step is known, less by
  // a part that the certificate forgives.
  [[nodiscard]] double below(double objective) const;
};

}  // namespace plimsoll::assignment
