// Small changes of the base replicas, each judged by building the whole step again: for steps that are small enough for
// thousands of builds within the limits. Descent that takes equal plans, begun again from the best after a while
// without anything new.
#pragma once

#include <functional>

#include "planner/experts/step/search/step_builder.hpp"
#include "support/random.hpp"

namespace plimsoll::experts::step {

class BaseSearch {
 public:
  BaseSearch(const Prepared& prepared, const Bounds& bounds, std::uint64_t seed);

  // Starts from a finished step; false where nothing may change.
  bool begin(const BuiltStep& built);
  // One change, judged. Returns the plan where it is better than all before.
  const StepPlan* step();
  [[nodiscard]] double best_seconds() const { return best_.seconds; }
  // Since the last call.
  std::uint64_t take_work();

 private:
  bool change(Matrix<int>& base);
  bool exchange(std::span<int> row);
  bool replace(std::span<int> row);
  bool give_or_take(std::span<int> row);
  [[nodiscard]] bool held_elsewhere(std::span<const int> row, int column) const;
  [[nodiscard]] bool may_hold(std::span<const int> row, int device, int expert) const;

  const Prepared& prepared_;
  const Bounds& bounds_;
  support::Random random_;
  BuiltStep best_;
  Matrix<int> base_;    // of the plan that the search stands on
  double seconds_ = 0;  // of it
  int idle_ = 0;        // changes since the last better one
  std::uint64_t work_ = 0;
  std::vector<int> live_columns_;
};

}  // namespace plimsoll::experts::step
