// The evaluation of a step apart from time: what stands by base and in every micro-step, memory, moves, and the seconds
// of each device in each forward window.
#pragma once

#include <vector>

#include "planner/experts/judge_row.hpp"
#include "planner/experts/judge_totals.hpp"
#include "planner/experts/step/evaluate.hpp"
#include "planner/experts/step/replay.hpp"
#include "planner/experts/violations.hpp"

namespace plimsoll::experts::step {

class StepJudge {
 public:
  StepJudge(const StepInstance& instance, const StepPlan& plan, Violations& violations);

  // Every table has the size that the instance asks for; where not, nothing else may be called.
  bool shapes_fit();
  void judge_base();
  // Fills device_seconds and the metrics of imbalance and moves; stops when there are too many violations.
  void judge_microsteps(Evaluation& result);

  [[nodiscard]] std::vector<int> device_of_column() const;
  [[nodiscard]] std::vector<bool> alive() const;
  // By micro-step, layer, expert, device, column; known after judge_microsteps.
  [[nodiscard]] const std::vector<TransientReplica>& replicas() const { return replicas_; }

 private:
  void judge_pool_base();
  void judge_pool_row(const RowPlace& place, std::span<const int> slots);
  void collect_replicas(const RowPlace& place, std::span<const int> slots, std::span<const int> base);
  [[nodiscard]] std::vector<std::int64_t> held_by_device() const;

  const StepInstance& instance_;
  const StepPlan& plan_;
  Violations& violations_;
  RowJudge rows_;
  std::vector<int> pool_layer_;  // [columns] the layer that a column of the pool serves for the whole step, or -1
  std::vector<TransientReplica> replicas_;
};

}  // namespace plimsoll::experts::step
