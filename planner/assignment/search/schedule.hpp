// A plan in the making for the makespan: loads, contents and whatever else limits it, kept up to date move by move.
// Any state is allowed; how far it is from a plan is for the search to weigh.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "planner/assignment/times.hpp"

namespace plimsoll::assignment {

class Schedule {
 public:
  explicit Schedule(const Times& times);

  // Every item has a bin that allows it.
  void assign(std::span<const int> bin_of);
  void move(int item, int bin);

  [[nodiscard]] const Times& times() const { return times_; }
  [[nodiscard]] const std::vector<int>& bins() const { return bin_of_; }
  [[nodiscard]] int bin_of(int item) const { return bin_of_[static_cast<std::size_t>(item)]; }
  [[nodiscard]] double load(int bin) const { return load_[static_cast<std::size_t>(bin)]; }
  [[nodiscard]] const std::vector<int>& content(int bin) const { return content_[static_cast<std::size_t>(bin)]; }
  [[nodiscard]] double makespan() const;

  // What only some instances have.
  [[nodiscard]] bool plain() const { return plain_; }
  [[nodiscard]] std::size_t dimensions() const { return times_.prepared.dimensions.size(); }
  [[nodiscard]] double used(std::size_t dimension, int bin) const {
    return used_.at(dimension, static_cast<std::size_t>(bin));
  }
  // How many items of the bin must not share it with the item.
  [[nodiscard]] int enemies(int item, int bin) const {
    return enemies_.empty() ? 0 : enemies_.at(static_cast<std::size_t>(item), static_cast<std::size_t>(bin));
  }
  [[nodiscard]] bool apart(int item, int other) const;
  [[nodiscard]] int changes(int item, int bin) const;
  [[nodiscard]] std::int64_t changes() const { return changes_; }
  [[nodiscard]] double cost() const { return cost_; }  // prices of changes
  [[nodiscard]] int conflicts() const { return conflicts_; }
  // Nothing is broken but perhaps the target.
  [[nodiscard]] bool lawful() const;

 private:
  void put(int item, int bin);
  void take(int item);
  void sum(int bin);

  const Times& times_;
  bool plain_;
  bool exact_;  // loads can be kept by adding and subtracting
  std::vector<int> bin_of_, place_;
  std::vector<double> load_;
  std::vector<std::vector<int>> content_;
  Matrix<double> used_;  // [dimensions][bins]
  Matrix<int> enemies_;  // [items][bins]; empty without apart lists
  std::int64_t changes_ = 0;
  double cost_ = 0;
  int conflicts_ = 0;  // pairs that share a bin and must not
};

}  // namespace plimsoll::assignment
