// Branch and bound for least cost, after Posta, Ferland and Michelon, "An exact method with variable fixing for solving
// the generalized assignment problem" (2012): is there a plan of at most this cost? The Lagrangian closes all pairs
// that no such plan can have, a few steps of its prices at every node close more, and the item with the fewest bins
// left is branched on. A target that is refuted raises the bound; then a larger one is asked for.
#pragma once

#include "planner/assignment/bounds/ascent.hpp"
#include "planner/assignment/worker.hpp"

namespace plimsoll::assignment {

class CostBranch : public Worker {
 public:
  explicit CostBranch(const Prepared& prepared);

  // First raises the prices as far as they go, then searches.
  void turn(Context& context, std::uint64_t work) override;
  [[nodiscard]] bool done() const override { return done_; }

 private:
  struct Frame {
    int item = -1;
    std::vector<int> bins;  // to try, best first
    std::size_t next = 0;
    std::size_t mark = 0;  // of the open pairs before any of them
    Lagrangian::Prices prices;
  };

  void begin(Context& context);
  void advance(Context& context);
  // Judges the part of the search that is open now; adds a frame where it has to be divided.
  void visit(Context& context, int steps);
  void divide(const Lagrangian::Prices& prices);
  [[nodiscard]] int choose_item() const;
  void finish(Context& context);
  [[nodiscard]] double target(const Context& context) const;
  void spend(Context& context);

  const Prepared& prepared_;
  LagrangianAscent ascent_;
  Lagrangian lagrangian_;
  OpenPairs open_;
  Lagrangian::Prices prices_;  // of the node at hand
  std::vector<Frame> frames_;
  double goal_ = 0;      // plans of at most this cost are looked for; infinite: any
  double steps_up_ = 0;  // how many steps of the objective the next target lies above the bound
  bool searching_ = false;
  bool done_ = false;
};

// Searches again, from a plan and prices, until the bound reaches `claimed` or the work is spent; the bound reached.
double branch_again(const Prepared& prepared, const AssignmentPlan& plan, const Proof& proof, double claimed,
                    std::uint64_t work);

}  // namespace plimsoll::assignment
