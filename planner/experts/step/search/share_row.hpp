// The best shares of one layer of one micro-step, given who stands where.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "planner/experts/search/layer.hpp"
#include "planner/experts/step/search/share_flow.hpp"

namespace plimsoll::experts::step {

// One per thread: it keeps its tables from call to call.
class RowShares {
 public:
  RowShares(int experts, int devices) : flow_(experts, devices) {}

  // Sets shares (and tokens) of a row of `plan` whose slots are set, and returns the largest device time. Even
  // dispatch: as it demands. Weighted: Newton's method on minimum cuts, each flow going on from the last one
  // (parametric flow: Gallo, Grigoriadis, Tarjan 1989); with tiles or fixed charges experts/search/token_flow.hpp,
  // under a table a descent. `view` is the micro-step as a static instance (views.hpp).
  double share(const experts::Prepared& view, int layer, ExpertPlan& plan);

  [[nodiscard]] std::uint64_t work() const { return work_ + flow_.work(); }

 private:
  void solve_proportional(const experts::Prepared& view, std::span<const double> load, std::vector<Replica>& replicas);

  ShareFlow flow_;
  std::vector<std::int64_t> demand_;
  std::vector<Replica> replicas_;
  std::vector<std::size_t> columns_;
  std::uint64_t work_ = 0;
};

// The largest device time of a row whose shares are set.
double row_seconds(const experts::Prepared& view, int layer, const ExpertPlan& plan);

}  // namespace plimsoll::experts::step
