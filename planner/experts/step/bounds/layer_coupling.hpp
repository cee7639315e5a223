// The program of one layer over all micro-steps (bounds/coupling.hpp): how many replicas of each expert stand for the
// step, how many are transient where, and how long the windows take. Times are cut into cells [g_k, g_k+1); a window
// that ends in a cell is charged its lower end and needs the replicas of its upper one.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "planner/experts/step/prepare.hpp"
#include "solvers/lp/linear_program.hpp"
#include "support/meter.hpp"

namespace plimsoll::experts::step {

class LayerCoupling {
 public:
  // `seconds` [microsteps]: bounds on the largest device times. `charge` [microsteps]: what a transient replica uses of
  // what is priced. Without `transient` there are none.
  LayerCoupling(const Prepared& prepared, int layer, std::vector<double> seconds, std::vector<double> charge,
                bool transient, double unit);

  // At least so much is used by every plan whose windows all end in the first cell; greedily over experts, exact.
  [[nodiscard]] double least_use() const;

  struct Value {
    double seconds = 0;  // of all windows, and the price of what is used: no plan has less
    double use = 0;      // in the solution
  };
  Value solve(double price, const support::Meter& meter);

  [[nodiscard]] std::uint64_t work() const { return work_; }

 private:
  void cut();
  [[nodiscard]] std::vector<double> ends(int microstep, double factor) const;
  void build();

  const Prepared& prepared_;
  int layer_;
  std::vector<double> seconds_;
  std::vector<double> charge_;
  bool transient_;
  double unit_;
  std::vector<int> open_;                             // micro-steps with load
  std::vector<std::vector<double>> times_;            // [open][cells] lower ends
  std::vector<std::vector<std::vector<int>>> needs_;  // [open][cells][experts] replicas
  std::optional<solvers::lp::LinearProgram> program_;
  std::vector<std::vector<int>> transient_of_;  // [open] variables
  std::uint64_t work_ = 0;
};

}  // namespace plimsoll::experts::step
