// From base replicas to a plan of the whole step: walks through the windows, brings the transient replicas that pay and
// can arrive in time, and shares the tokens over what is there.
//
// What each (micro-step, layer) would like to have depends on nothing but the base replicas, and is found first, on as
// many threads as are allowed. Links are then handed out in the order of windows (the earliest deadline first): what
// cannot arrive in time is dropped, others are asked for in its place, and a window waits only where that costs less
// than it gains.
#pragma once

#include <cstdint>
#include <vector>

#include "planner/experts/step/bound.hpp"
#include "planner/experts/step/prepare.hpp"
#include "planner/experts/step/search/scheduler.hpp"
#include "planner/experts/step/search/shares.hpp"
#include "planner/experts/step/search/transients.hpp"

namespace plimsoll::experts::step {

struct BuiltStep {
  StepPlan plan;
  double seconds = 0;          // of the step
  Matrix<double> row_seconds;  // [microsteps][layers] largest device times
  std::uint64_t work = 0;
};

// One window after the other, for a scheduler that somebody else owns: shared by whole steps and by streams.
class WindowPlanner {
 public:
  WindowPlanner(const Prepared& prepared, const Bounds& bounds);

  // The replicas that a window would like to have beyond its base replicas.
  std::vector<TransientNeed> wish(int microstep, int layer, std::span<const int> base, double& seconds);
  // Books what can come, sets slots and shares of the row, and returns its largest device time. The row starts as the
  // base replicas.
  double settle(int microstep, int layer, const std::vector<TransientNeed>& wishes, double promised,
                Scheduler& scheduler, ExpertPlan& plan);

  [[nodiscard]] std::uint64_t work() const { return filler_.work() + shares_.work(); }

 private:
  double bring(int microstep, int layer, std::vector<TransientNeed> wishes, double promised, double deadline,
               Scheduler& scheduler, ExpertPlan& plan);
  double share(int microstep, int layer, ExpertPlan& plan);
  void start_task(int microstep, int layer, std::span<const int> base);
  [[nodiscard]] std::vector<double> late_arrivals(int microstep, int layer, const std::vector<TransientNeed>& wishes,
                                                  const Scheduler& scheduler) const;
  struct Row {
    std::vector<int> slots;
    std::vector<double> shares;
    std::vector<std::int64_t> tokens;
  };
  static Row copy_row(const ExpertPlan& plan, int layer);
  static void write_row(const Row& row, int layer, ExpertPlan& plan);

  const Prepared& prepared_;
  const Bounds& bounds_;
  TransientFiller filler_;
  RowShares shares_;
  TransientFiller::Task task_;
  std::vector<int> base_;  // of the row in hand
};

BuiltStep build_step(const Prepared& prepared, const Bounds& bounds, const Matrix<int>& base, int threads);

}  // namespace plimsoll::experts::step
