// Descent on the charged cost of a CostState: shifts, double shifts (an item comes, another one of that bin goes on;
// swaps are those where it takes the first one's place) and ejection chains made of them (Yagiura, Ibaraki and Glover
// 2004: an item free at a time, each step gives it a place by ejecting another). Only items of a queue are looked at;
// after a move those whose bins it touched come back into it.
#pragma once

#include <cstdint>
#include <vector>

#include "planner/assignment/search/cost_candidates.hpp"
#include "planner/assignment/search/cost_state.hpp"

namespace plimsoll::assignment {

class CostDescent {
 public:
  CostDescent(CostState& state, const CostCandidates& candidates);

  // Looks at the item again.
  void wake(int item);
  void wake_bin(int bin);
  void wake_all();
  // Moves an item, whatever it costs, and wakes what it concerns.
  void force(int item, int bin);
  // Moves until nothing in the queue improves, or until `work` reaches the limit.
  void descend(std::uint64_t& work, std::uint64_t limit);
  // Weights have changed: what was computed with them is void.
  void forget() { ++epoch_; }
  // Steps of an ejection chain; 0: none.
  void set_depth(int depth) { depth_ = depth; }

 private:
  struct Way {  // the best way on for an item that has to leave its bin
    double value = 0;
    int bin = -1;
  };
  struct Ways {
    Way first, second;
    std::uint64_t epoch = 0;
  };
  struct Move {
    double value = 0;  // change of the charged cost
    int bin = -1;      // where the item goes
    int ejected = -1;  // who goes on, or nobody
    int target = -1;   // and where to
  };

  const Ways& ways_out(int item);
  Move best_shift(int item);
  void best_double(int item, Move& best);
  bool improve(int item);
  bool chain(int item, Move move);
  void apply(int item, int bin);
  void touch(int bin);

  CostState& state_;
  const CostTables& tables_;
  const CostCandidates& candidates_;
  std::vector<Ways> ways_;
  std::vector<int> queue_;
  std::vector<std::uint8_t> queued_;
  std::vector<std::uint8_t> locked_;
  std::uint64_t epoch_ = 1;
  std::uint64_t work_ = 0;
  int depth_ = 0;
};

}  // namespace plimsoll::assignment
