// Raises the Lagrangian bound of least cost step by step, and repairs what the bins take on the way into plans.
#pragma once

#include "planner/assignment/bounds/lagrangian.hpp"
#include "planner/assignment/worker.hpp"

namespace plimsoll::assignment {

class LagrangianAscent : public Worker {
 public:
  explicit LagrangianAscent(const Prepared& prepared);

  void turn(Context& context, std::uint64_t work) override;
  [[nodiscard]] bool done() const override { return done_; }
  // The best prices so far, and the bound at them.
  [[nodiscard]] const Lagrangian::Prices& prices() const { return best_; }
  [[nodiscard]] double value() const { return best_value_; }

 private:
  void take_prices(const Context& context);
  void iterate(Context& context);
  void settle(Context& context);

  const Prepared& prepared_;
  Lagrangian lagrangian_;
  OpenPairs open_;
  Lagrangian::Prices prices_;
  Lagrangian::Prices best_;
  double best_value_;
  double raised_;  // the value that the context has heard of
  double scale_ = 1.0;
  int idle_ = 0;  // iterations since the last gain
  std::uint64_t iteration_ = 0;
  bool done_ = false;
};

// A plan from the bins that took each item: what nobody or several took goes, most regret first, where it fits and is
// worth most. Empty where the last items fit nowhere.
std::vector<int> repair(const Prepared& prepared, const Lagrangian& lagrangian);

}  // namespace plimsoll::assignment
