// The most profitable choice of items within one capacity, for real profits and real weights.
//
// Method: sort by profit per weight, fill up to the item that breaks the capacity, then enlarge a core around that item
// step by step. All choices on the core that are not dominated (heavier and worth no more) and not bounded away are one
// sorted list, merged with its shifted copy for each new item: Pisinger, "A minimal algorithm for the 0-1 knapsack
// problem", Operations Research 45 (1997). For whole weights the list is never longer than the capacity allows, and
// real weights need nothing else. Where a limit ends it, the answer says how much any choice can be worth.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace plimsoll::solvers::knapsack {

struct Answer {
  double value = 0;  // of the choice; its weight is within the capacity
  double upper = 0;  // no choice is worth more; equals `value` where the search ended. Both within rounding of sums.
};

// Keeps its memory between calls: one object per thread, reused for many knapsacks.
class Knapsack {
 public:
  // Weights are 0 or more; profits of any sign (an item worth 0 or less is never chosen). `chosen` becomes the indices
  // of the choice in no particular order. A negative capacity admits only the empty choice, and so does no item.
  // `limit`: states of the list, in all.
  Answer solve(std::span<const double> profit, std::span<const double> weight, double capacity,
               std::vector<int>& chosen, std::uint64_t limit = 4'000'000);

  // Steps (a state made, an item sorted) since construction.
  [[nodiscard]] std::uint64_t work() const { return work_; }

 private:
  struct Item {
    double ratio;
    double profit;
    double weight;
    int index;
  };
  // A choice on the core: what it weighs and is worth with everything left of the core in and everything right out.
  struct State {
    double weight;
    double profit;
    std::int32_t change;  // index into changes_, or -1
  };
  struct Change {
    std::int32_t before;
    std::int32_t item;  // position in items_ that changed sides
  };

  void sort_in(std::span<const double> profit, std::span<const double> weight, double capacity,
               std::vector<int>& chosen);
  void greedy(double capacity);
  // Merges the list with its copy shifted by an item at `position`, which joins (sign 1) or leaves (sign -1). Drops
  // what cannot beat the best: `add` and `remove` are the best ratio still to join and the worst still to leave.
  void extend(std::size_t position, double sign, double capacity, double add, double remove);
  [[nodiscard]] double bound_of(const State& state, double capacity, double add, double remove) const;

  std::vector<Item> items_;
  std::vector<State> list_;
  std::vector<State> next_;
  std::vector<Change> changes_;
  std::vector<std::uint8_t> in_;  // [positions] of the answer
  double base_ = 0;               // profits of items without weight
  double best_ = 0;
  std::int32_t best_change_ = -1;
  std::size_t break_ = 0;
  // Greedy completions are remembered apart: the break choice plus one item, or less one and plus the break item.
  std::int32_t greedy_in_ = -1;
  std::int32_t greedy_out_ = -1;
  bool greedy_best_ = false;
  std::uint64_t work_ = 0;
};

}  // namespace plimsoll::solvers::knapsack
