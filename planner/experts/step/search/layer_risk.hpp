// What a row of base replicas risks: all micro-steps as samples of one future.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "planner/experts/step/search/shares.hpp"

namespace plimsoll::experts::step {

// Mean plus `deviations` standard deviations over micro-steps of the largest device time of one layer, shares solved.
// One per thread: it keeps its tables from call to call.
class LayerRisk {
 public:
  LayerRisk(const Prepared& prepared, int layer, double deviations);

  double operator()(std::span<const int> row);
  // Of the last row asked for: the device times in the micro-step that takes longest.
  [[nodiscard]] const std::vector<double>& worst_device_seconds() const { return worst_; }

  [[nodiscard]] std::uint64_t work() const { return shares_.work(); }

 private:
  const Prepared& prepared_;
  int layer_;
  double deviations_;
  RowShares shares_;
  ExpertPlan plan_;
  std::vector<double> worst_;
};

}  // namespace plimsoll::experts::step
