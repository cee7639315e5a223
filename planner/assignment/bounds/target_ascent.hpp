// Item prices that refute a target with exact knapsacks (bounds/target.hpp), found by subgradient steps of Polyak's
// length (Held, Wolfe and Crowder 1974): an item that no bin's best set takes becomes dearer, one that several take
// cheaper. Stronger than the linear relaxation wherever a bin holds few items, as it sees what really fits.
#pragma once

#include <cstdint>
#include <vector>

#include "planner/assignment/bounds/fill.hpp"
#include "planner/assignment/bounds/target.hpp"
#include "support/meter.hpp"

namespace plimsoll::assignment {

class TargetAscent {
 public:
  explicit TargetAscent(const Times& times);

  // Prices and a step length are kept from target to target.
  void aim(double target);
  // Takes the proof's prices and weights where they come closer to refuting the target than the present ones.
  void suggest(const Proof& proof);
  // About `rounds` steps; true: the target is refuted by proof().
  bool run(int rounds, const support::Meter& meter);

  [[nodiscard]] const Proof& proof() const { return best_; }
  // How far the best prices are from refuting: above 0 refutes; relative to the sum of prices.
  [[nodiscard]] double margin() const { return best_value_ / scale(best_); }
  // [items] how many bins' best sets held the item at the last step.
  [[nodiscard]] const std::vector<int>& cover() const { return cover_; }
  std::uint64_t take_work();

 private:
  struct Column {
    int item;
    double size;
  };
  [[nodiscard]] double scale(const Proof& proof) const;
  double judge(const Proof& proof);
  void step();

  const Times& times_;
  std::vector<std::vector<Column>> columns_;  // [bins] items that fit the target
  Proof best_, trial_;
  double best_value_ = 0;
  double trial_value_ = 0;
  double length_ = 1;
  int idle_ = 0;
  double changes_ = 0;  // of the sets of the last step
  std::vector<int> cover_;
  std::vector<Offer> offers_;
  Fill fill_;
  std::uint64_t work_ = 0;
};

}  // namespace plimsoll::assignment
