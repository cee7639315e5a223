// Shares of one layer in one micro-step, and the seconds that follow from them.
#pragma once

#include <cstdint>

#include "planner/experts/step/prepare.hpp"
#include "planner/experts/step/search/scheduler.hpp"

namespace plimsoll::experts::step {

// `plan` is that of the micro-step; its slots are set already.
void share_evenly(const Prepared& prepared, int microstep, int layer, ExpertPlan& plan);
// The best shares for these slots; even ones where the instance says so.
void share_exactly(const Prepared& prepared, int microstep, int layer, ExpertPlan& plan, std::uint64_t& work);

// Compute seconds of the forward window: the largest device time.
double largest_seconds(const Prepared& prepared, int microstep, int layer, const ExpertPlan& plan);

// Runs windows with given plans of their micro-steps.
class WindowRunner {
 public:
  explicit WindowRunner(const Prepared& prepared) : prepared_(prepared), traffic_(prepared.instance) {}
  // The scheduler's next window.
  void run_next(const ExpertPlan& plan, Scheduler& scheduler) const;

 private:
  const Prepared& prepared_;
  TrafficModel traffic_;
};

}  // namespace plimsoll::experts::step
