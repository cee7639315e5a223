// The numbers of an instance in the form that the heuristics for least cost read: one record per pair of item and bin,
// cost and sizes side by side, in doubles that hold whole numbers. Data that is not whole is put on a grid (powers of
// two, fine enough that the rounding of a full bin stays below half of what the evaluation admits), so that sums are
// exact, an undone move restores every bit, and one code serves all data: against 32-bit integers it costs memory but
// no conversions, as the weights of violations are real anyway.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "planner/assignment/prepare.hpp"

namespace plimsoll::assignment {

struct CostTables {
  explicit CostTables(const Prepared& source);

  const Prepared& prepared;
  int bins;
  int items;
  int dimensions;
  bool has_apart;
  bool limits_changes;
  double max_changes = 0;        // of the instance's items, where limits_changes
  double cost_unit = 1;          // a cost here, times this, is a cost of the instance
  std::vector<double> capacity;  // [bins][dimensions]

  [[nodiscard]] std::size_t index(int item, int bin) const {
    return static_cast<std::size_t>(item) * static_cast<std::size_t>(bins) + static_cast<std::size_t>(bin);
  }
  // The cost, then the sizes.
  [[nodiscard]] const double* record(int item, int bin) const {
    return records_.data() + index(item, bin) * static_cast<std::size_t>(dimensions + 1);
  }
  [[nodiscard]] double cost(int item, int bin) const { return record(item, bin)[0]; }
  [[nodiscard]] double size(int item, int bin, int dimension = 0) const { return record(item, bin)[dimension + 1]; }
  [[nodiscard]] double room(int bin, int dimension = 0) const {
    return capacity[static_cast<std::size_t>(bin) * static_cast<std::size_t>(dimensions) +
                    static_cast<std::size_t>(dimension)];
  }
  [[nodiscard]] bool can(int item, int bin) const { return allowed_[index(item, bin)] != 0; }
  // Members that leave their current bin.
  [[nodiscard]] double changes(int item, int bin) const {
    return limits_changes ? prepared.changes.at(static_cast<std::size_t>(bin), static_cast<std::size_t>(item)) : 0.0;
  }
  [[nodiscard]] bool are_apart(int item, int other) const;

 private:
  void fill_costs();
  void fill_sizes();
  std::vector<double> records_;        // [items][bins][1 + dimensions]
  std::vector<std::uint8_t> allowed_;  // [items][bins]
};

}  // namespace plimsoll::assignment
