// The moves of the search for a plan within a target: shifts of one item and swaps of two, valued by how they change
// the weighted sum of everything that stands in the way (overload, capacities, apart lists, changes and their price).
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "planner/assignment/search/schedule.hpp"
#include "support/random.hpp"

namespace plimsoll::assignment {

struct TargetMove {
  double delta = Times::never;
  int item = -1;
  int bin = -1;
  int other = -1;  // the item that comes back, or -1
};

class TargetMoves {
 public:
  TargetMoves(const Times& times, Schedule& schedule);

  // Every bin done by `makespan`, and prices of at most `price`. `drift` [bins]: what a second of the bin's load costs
  // beside, in parts of a second of overload; empty: nothing.
  void aim(double makespan, double price, const std::vector<double>& drift);
  // [items] the bins to think of.
  void restrict_to(std::vector<std::vector<int>> near);

  // The best of about `most` moves that take an item out of the bin; those forbidden by `until` only where they lead
  // below `aspire`.
  TargetMove best(int bin, std::uint64_t now, double aspire, std::size_t most, support::Random& random);
  void apply(const TargetMove& move, std::uint64_t now, std::uint64_t tenure);
  void forget() { std::fill(until_.begin(), until_.end(), 0); }

  // Bins where something stands in the way; where nothing but the sum of changes or prices does, all bins with changes.
  [[nodiscard]] std::vector<int> hot() const;
  [[nodiscard]] double violation() const;  // unweighted, 0: a plan within the target
  [[nodiscard]] double energy() const;
  // What stands in the way now weighs more from now on.
  void press(double factor);
  void relax();
  [[nodiscard]] const std::vector<std::vector<int>>& near() const { return near_; }
  std::uint64_t take_work();

 private:
  [[nodiscard]] double over(double load) const { return load > limit_ ? load - target_ : 0.0; }
  [[nodiscard]] double broken(int bin) const;
  [[nodiscard]] double shift(int item, int from, int to) const;
  [[nodiscard]] double swap(int item, int other, int from, int to) const;
  [[nodiscard]] double others(int item, int other, int from, int to) const;
  [[nodiscard]] double excess(std::int64_t changes, double cost) const;

  const Times& times_;
  Schedule& schedule_;
  double target_ = 0;
  double limit_ = 0;  // the target and what rounding may add
  double price_ = 0;
  double unit_ = 1;  // a typical time, what one conflict weighs
  std::vector<double> dimension_unit_;
  std::vector<double> drift_;
  std::vector<double> weight_;  // [bins]
  double law_ = 1;              // weight of everything but overload
  std::vector<std::vector<int>> near_;
  std::vector<std::uint8_t> is_near_;  // [items][bins]
  std::vector<std::uint64_t> until_;   // [items][bins]
  mutable std::uint64_t work_ = 0;
};

}  // namespace plimsoll::assignment
