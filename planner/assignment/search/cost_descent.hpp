// Descent on the charged cost of a CostState: shifts and double shifts (an item comes, another one of that bin goes on:
// the ejection chain of two steps of Yagiura, Ibaraki and Glover 2004; where it goes on to the first one's place it is
// a swap). The best way on of every item is kept until something moves, so that a double shift costs one judgement.
// Only items of a queue are looked at; after a move those whose bins it touched come back into it.
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
  // Moves until nothing in the queue improves, or until `work` reaches the limit. False where something is left in the
  // queue: call again to go on.
  bool descend(std::uint64_t& work, std::uint64_t limit);
  // Weights have changed, or the plan by other hands: what was computed is void.
  void forget() { ++epoch_; }
  // Tabu: neither moved nor ejected by a descent until unlocked.
  void lock(int item, bool locked) { locked_[static_cast<std::size_t>(item)] = locked ? 1 : 0; }
  // Takes back every move since the last mark, or makes the present plan the mark.
  void undo();
  void mark() { log_.clear(); }
  // Something was moved since the mark.
  [[nodiscard]] bool moved() const { return !log_.empty(); }

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
  void apply(int item, int bin);

  CostState& state_;
  const CostTables& tables_;
  const CostCandidates& candidates_;
  struct Logged {
    int item = -1;
    int from = -1;
  };
  std::vector<Logged> log_;
  std::vector<Ways> ways_;
  std::vector<double> floor_;  // [items] least cost among the candidates
  std::vector<int> queue_;
  std::vector<std::uint8_t> queued_;
  std::vector<std::uint8_t> locked_;
  std::uint64_t epoch_ = 1;
  std::uint64_t work_ = 0;
};

}  // namespace plimsoll::assignment
