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

  // Remembers from now on what the bins' best sets hold.
  void track();
  // For dives: the item stays in the bin, its price and its part of the room are gone. What is proven then holds only
  // for plans that have it there.
  void hold(int item, int bin);
  [[nodiscard]] bool held(int item) const { return held_[static_cast<std::size_t>(item)] != 0; }
  [[nodiscard]] double room(int bin) const { return room_[static_cast<std::size_t>(bin)]; }
  // [bins][items] how often the bin's best set held the item lately, of 1.
  [[nodiscard]] const Matrix<float>& share() const { return share_; }

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
  void remember(int bin);
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
  std::vector<double> room_;        // [bins]
  std::vector<std::uint8_t> held_;  // [items]
  Matrix<float> share_;             // [bins][items]; empty unless tracked
  std::vector<Offer> offers_;
  Fill fill_;
  std::uint64_t work_ = 0;
};

}  // namespace plimsoll::assignment
