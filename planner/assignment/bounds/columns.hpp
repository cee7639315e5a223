// Column generation for least cost, told from its dual (Kelley 1960): every set S of items that a bin b may take is a
// column of the master program and a cut of its dual,
//   maximise sum_i p_i - sum_b m_b    with    sum_{i in S} p_i - m_b <= sum_{i in S} c_bi  for the sets known so far.
// At the master's prices p the exact knapsacks give the sets that are missing, and the Lagrangian L(p), which is a
// bound at every iteration (Lasdon 1970; Farley 1990). Prices stay in a box around the best ones (boxstep, Marsten,
// Hogan and Blankenship 1975), without which they swing for long. Needs Clp.
#pragma once

#include <optional>

#include "planner/assignment/bounds/lagrangian.hpp"
#include "planner/assignment/worker.hpp"
#include "solvers/lp/linear_program.hpp"

namespace plimsoll::assignment {

class ColumnGeneration : public Worker {
 public:
  // Throws Error(unsupported) in a build without Clp.
  explicit ColumnGeneration(const Prepared& prepared);

  void turn(Context& context, std::uint64_t work) override;
  // The master's optimum and the best bound agree, or there are more columns than it handles.
  [[nodiscard]] bool done() const override { return done_; }

 private:
  void begin(const Context& context);
  void iterate(Context& context);
  void evaluate(Context& context, const Lagrangian::Prices& prices);
  void add_cuts();
  void move_box();

  const Prepared& prepared_;
  Lagrangian lagrangian_;
  OpenPairs open_;
  std::optional<solvers::lp::LinearProgram> master_;
  Lagrangian::Prices best_;
  double best_value_;
  double raised_;
  double radius_ = 1;
  bool improved_ = false;
  bool done_ = false;
};

}  // namespace plimsoll::assignment
