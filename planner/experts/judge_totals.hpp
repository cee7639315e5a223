// The evaluation of what the rows of a plan add up to: moves against the placement with their limits, the memory of a
// device, and the imbalance. Used for static plans and for steps.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "planner/experts/judge_row.hpp"
#include "planner/experts/violations.hpp"
#include "plimsoll/experts.hpp"

namespace plimsoll::experts {

// Moves of all layers: (layer, expert, device) that was not there before; 0 without a placement. `slots` has the
// columns of `rows`, the placement those of the cluster's slots. `name`: of the table of slots in the plan.
std::int64_t judge_moves(const ExpertInstance& instance, const RowJudge& rows, const Matrix<int>& slots,
                         std::string_view name, Violations& violations);

// `held`: [devices] replicas over all layers for which memory is taken; `what` they are, in words.
void judge_memory(const ExpertInstance& instance, const std::vector<std::int64_t>& held, std::string_view name,
                  std::string_view what, Violations& violations);

// Largest device time over what it would be if all live devices shared the tokens by their speed.
class Imbalance {
 public:
  explicit Imbalance(const ExpertInstance& instance);
  // A row: its load and its largest device seconds. Counts only where tokens cost time.
  void add(std::span<const double> load, double largest_seconds);
  [[nodiscard]] double mean() const { return rows_ > 0 ? sum_ / static_cast<double>(rows_) : 1.0; }
  [[nodiscard]] double worst() const { return worst_; }

 private:
  double token_seconds_;
  double speed_ = 0;  // of all live devices
  double sum_ = 0;
  double worst_ = 1;
  std::size_t rows_ = 0;
};

}  // namespace plimsoll::experts
