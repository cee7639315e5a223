// The linear relaxation of the makespan with pairs left out that no plan of the target can use (Lenstra, Shmoys and
// Tardos 1990): the least largest load, prices of changes added, with items split between bins. Its dual is a function
// of one weight per bin, sum_i min_b (w_b t_bi + c_bi) with weights that sum to 1, first climbed by multiplicative
// weights, then solved by Clp on the few pairs that can matter, with the others priced in.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "planner/assignment/bounds/target.hpp"
#include "support/meter.hpp"

namespace plimsoll::assignment {

class LinearTarget {
 public:
  struct Part {
    int item;
    int bin;
    double share;  // above 0, at most 1
  };

  explicit LinearTarget(const Times& times);

  // A lower bound on the objective of every plan whose objective is at most `target`; infinite: some item has no bin
  // left. `precisely`: by Clp, where this build has it.
  double solve(double target, bool precisely, const support::Meter& meter);

  // Of the last solve that was not infinite.
  [[nodiscard]] const std::vector<double>& weight() const { return weight_; }  // [bins], sum 1
  [[nodiscard]] const std::vector<double>& price() const { return price_; }    // [items]
  [[nodiscard]] const std::vector<Part>& point() const { return point_; }      // empty without Clp
  [[nodiscard]] double value() const { return value_; }
  // The item prices and weights as a proof that refutes `target`.
  [[nodiscard]] Proof proof(double target) const;
  std::uint64_t take_work();

 private:
  double judge(std::span<const double> weight);
  void climb(int rounds, const support::Meter& meter);
  bool polish(const support::Meter& meter);
  bool gather();
  void select_columns(double most_reduced);

  const Times& times_;
  std::vector<std::vector<int>> open_;  // [items] bins that fit the target
  std::vector<double> weight_, price_, trial_price_, load_;
  std::vector<std::vector<int>> columns_;  // [items] bins in the program
  std::vector<Part> point_;
  double target_ = 0;
  double value_ = 0;
  std::uint64_t work_ = 0;
};

}  // namespace plimsoll::assignment
