// Shares of one layer in one micro-step, and the seconds that follow from them.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "planner/experts/search/layer.hpp"
#include "planner/experts/step/prepare.hpp"
#include "planner/experts/step/search/scheduler.hpp"
#include "planner/experts/step/search/share_flow.hpp"

namespace plimsoll::experts::step {

// `plan` is that of the micro-step; its slots are set already.
void share_evenly(const Prepared& prepared, int microstep, int layer, ExpertPlan& plan);

// The best shares for given slots. One per thread: it keeps its tables from call to call.
class RowShares {
 public:
  explicit RowShares(const Prepared& prepared) : prepared_(prepared), flow_(prepared.experts, prepared.devices) {}

  // Even dispatch: as it demands. Weighted: Newton's method on minimum cuts, each flow going on from the last one
  // (parametric flow: Gallo, Grigoriadis, Tarjan 1989); with tiles, fixed charges or a table
  // experts/search/resplit.hpp.
  void share(int microstep, int layer, ExpertPlan& plan);

  [[nodiscard]] std::uint64_t work() const { return work_ + flow_.work(); }

 private:
  void share_proportional(std::span<const double> load);

  const Prepared& prepared_;
  ShareFlow flow_;
  std::vector<std::int64_t> demand_;
  std::vector<Replica> replicas_;
  std::vector<double> tokens_;
  std::uint64_t work_ = 0;
};

// [devices] compute seconds of the forward window.
std::vector<double> device_seconds(const Prepared& prepared, int microstep, int layer, const ExpertPlan& plan);
// The largest of them.
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
