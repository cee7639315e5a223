// An instance made ready for the methods. Items that must stay together become one, pins become forbidden pairs, the
// price of changes goes into the costs: what is left (the kernel) is all that methods and bounds work on. Kernel items
// are numbered by their first member; `expand` gives the plan of the instance back.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "plimsoll/assignment.hpp"

namespace plimsoll::assignment {

enum class Machines {
  identical,  // every item takes the same time on every bin
  uniform,    // size / speed
  unrelated,
};

struct Prepared {
  explicit Prepared(const AssignmentInstance& source);

  // One capacity of every bin. `whole`: sizes are whole numbers whose sums are exact, and capacities are whole too.
  struct Dimension {
    Matrix<double> size;           // [bins][items]
    std::vector<double> capacity;  // [bins] the largest sum that the evaluation admits
    bool whole = false;
  };

  const AssignmentInstance& instance;
  bool makespan;
  int bins;
  int items;                              // of the kernel
  std::vector<std::vector<int>> members;  // [items] the items of the instance that each stands for
  // [bins][items] what the pair adds to the objective: for cost the costs and the prices of changes, for makespan the
  // prices of changes alone.
  Matrix<double> cost;
  Matrix<double> size;        // [bins][items]; for makespan the time at speed 1
  std::vector<double> speed;  // [bins]
  // Everything with a capacity: `size` first where the instance limits it, then the instance's dimensions.
  std::vector<Dimension> dimensions;
  Matrix<std::uint8_t> allowed;         // [bins][items] 1: not forbidden, not pinned elsewhere, and it fits alone
  std::vector<std::vector<int>> apart;  // [items] those that must not share its bin, ascending
  Matrix<int> changes;                  // [bins][items] members that would leave their bin; empty without `current`
  std::optional<std::int64_t> max_changes;
  Machines machines;  // by the kernel's sizes and speeds; forbidden pairs do not count

  // The objective of every plan is a whole multiple of this; 0: nothing is known. (Whole costs, or whole sizes on bins
  // of speed 1 with whole prices.)
  double step;
  bool whole_size;  // of `size`: whole numbers, sums exact
  // Why no plan can exist, in the problem's words; empty where nothing was proven.
  std::string impossible;

  [[nodiscard]] bool can(int bin, int item) const {
    return allowed.at(static_cast<std::size_t>(bin), static_cast<std::size_t>(item)) != 0;
  }
  [[nodiscard]] bool has_apart() const { return has_apart_; }
  // Changes are limited. (Their price stands in `cost`.)
  [[nodiscard]] bool limits_changes() const { return max_changes.has_value(); }
  // At most one capacity, nothing apart, no budget of changes; forbidden pairs, pins and prices may be there.
  [[nodiscard]] bool plain() const { return dimensions.size() <= 1 && !has_apart_ && !limits_changes(); }

  // The plan in which each kernel item stands in bin_of[item].
  [[nodiscard]] AssignmentPlan expand(std::span<const int> bin_of) const;
  // The bins of the kernel items; empty where the plan tears items apart that belong together.
  [[nodiscard]] std::vector<int> reduce(const AssignmentPlan& plan) const;
  // The least multiple of `step` that is no less than a valid bound, within 1e-9 of rounding.
  [[nodiscard]] double round_up(double bound) const;

 private:
  void merge();
  void fill_tables();
  void rule_out();
  void classify();
  bool has_apart_ = false;
  std::vector<int> kernel_of_;  // [items of the instance]
};

// Every reason known without a search for which no plan can exist; called by the constructor.
std::string prove_impossible(const Prepared& prepared);

}  // namespace plimsoll::assignment
