// A node of the search for a plan within a target: which bins every item may still go to, with propagation and undo.
// An item goes to a bin if the bin is done by the target with it, prices of changes counted, and no capacity, apart
// list or budget of changes breaks; an item with one bin left goes there.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "planner/assignment/times.hpp"

namespace plimsoll::assignment {

class TargetNode {
 public:
  explicit TargetNode(const Times& times);

  // All items open, all pairs that fit the target. False: no plan is within it.
  bool reset(double target);
  // A nearer target for everything from here on.
  void tighten(double target) { target_ = target; }
  // With all that follows from it. False: a dead end, to be undone like any other.
  bool assign(int item, int bin);
  // Takes the pair out for everything below the present mark.
  bool exclude(int item, int bin);

  using Mark = std::pair<std::size_t, std::size_t>;
  [[nodiscard]] Mark mark() const { return {removed_.size(), placed_.size()}; }
  void undo(Mark mark);

  [[nodiscard]] bool complete() const { return placed_.size() == static_cast<std::size_t>(times_.items); }
  [[nodiscard]] const std::vector<int>& bins() const { return bin_of_; }
  [[nodiscard]] int bin_of(int item) const { return bin_of_[static_cast<std::size_t>(item)]; }
  // [..] the items in the order in which they were placed.
  [[nodiscard]] const std::vector<int>& placed() const { return placed_; }
  // The pairs (item, bin) taken out, in that order.
  [[nodiscard]] const std::vector<std::pair<int, int>>& removed() const { return removed_; }
  [[nodiscard]] bool open(int item, int bin) const {
    return open_.at(static_cast<std::size_t>(item), static_cast<std::size_t>(bin)) != 0;
  }
  [[nodiscard]] int choices(int item) const { return choices_[static_cast<std::size_t>(item)]; }
  // What is left of the bin's room for sizes.
  [[nodiscard]] double left(int bin) const;
  [[nodiscard]] double target() const { return target_; }
  // Prices of what is placed, and the least of what is not.
  [[nodiscard]] double spent() const { return spent_; }
  [[nodiscard]] bool empty(int bin) const { return count_[static_cast<std::size_t>(bin)] == 0; }
  std::uint64_t take_work();

 private:
  [[nodiscard]] bool fits(int item, int bin) const;
  bool remove(int item, int bin);
  bool settle();
  bool revise(int bin);
  [[nodiscard]] int extra_changes(int item, int bin) const;

  const Times& times_;
  const Prepared& prepared_;
  double target_ = 0;
  double spent_ = 0;
  std::int64_t changes_left_ = 0;  // beyond those that no plan avoids
  std::vector<int> fewest_changes_;
  std::vector<double> used_;       // [bins] sums of sizes
  Matrix<double> dimension_used_;  // [dimensions][bins]
  std::vector<int> count_;         // [bins] items
  std::vector<int> bin_of_, placed_, forced_;
  Matrix<std::uint8_t> open_;  // [items][bins]
  std::vector<int> choices_;   // [items]
  std::vector<std::pair<int, int>> removed_;
  std::uint64_t work_ = 0;
};

}  // namespace plimsoll::assignment
