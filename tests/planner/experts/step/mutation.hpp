// One thing changed in a valid plan of a step, or in its instance.
#pragma once

#include <algorithm>
#include <array>
#include <limits>
#include <utility>
#include <vector>

#include "planner/experts/step/evaluate.hpp"
#include "support/random.hpp"

namespace plimsoll::testing {

struct Bench {
  StepInstance step;
  StepPlan plan;
  const experts::step::Evaluation& whole;
  support::Random& random;

  std::size_t below(std::size_t bound) { return random.below(bound); }
  // Uniform in [0, count) apart from `not_this`; the same where there is no other.
  int other(int count, int not_this) {
    const int value = static_cast<int>(below(static_cast<std::size_t>(std::max(1, count - 1))));
    return value + (value >= not_this && count > 1 ? 1 : 0);
  }
  // One of this kind, or nothing.
  Transfer* any(TransferKind kind = TransferKind::weights) {
    std::vector<Transfer*> found;
    for (Transfer& transfer : plan.transfers) {
      if (transfer.kind == kind) found.push_back(&transfer);
    }
    return found.empty() ? nullptr : found[below(found.size())];
  }
  Transfer* any_of_all() { return plan.transfers.empty() ? nullptr : &plan.transfers[below(plan.transfers.size())]; }
  std::size_t layer() { return below(plan.base.rows()); }
  std::size_t column() { return below(plan.base.columns()); }
  ExpertPlan& microstep() { return plan.microsteps[below(plan.microsteps.size())]; }
  [[nodiscard]] int devices() const { return step.experts.cluster.devices(); }
  [[nodiscard]] int experts() const { return step.experts.model.experts; }
};

inline void move_to(Transfer& transfer, double start) {
  transfer.end_seconds += start - transfer.start_seconds;
  transfer.start_seconds = start;
}

enum class Breaks { always, sometimes, rarely };

struct Mutation {
  const char* name;
  Breaks breaks;
  bool (*apply)(Bench& bench);  // false: there was nothing to change
};

inline bool with(Transfer* transfer, const auto& change) {
  if (transfer == nullptr) return false;
  change(*transfer);
  return true;
}

inline constexpr double nan = std::numeric_limits<double>::quiet_NaN();
inline constexpr double infinite = std::numeric_limits<double>::infinity();

}  // namespace plimsoll::testing
