// What came of a run, beside what was predicted.
#pragma once

#include <cstddef>
#include <vector>

#include "executor/run/layer_parts.hpp"
#include "executor/run/run_plan.hpp"
#include "executor/run/runner.hpp"

namespace plimsoll::executor {

struct PredictionError {
  std::size_t count = 0;  // of (window, device) with tokens
  double median = 0;      // |measured - predicted| / predicted
  double p95 = 0;
  double worst = 0;
};

struct TransferSummary {
  std::size_t count = 0;
  double planned_seconds = 0;  // of all transfers, dilated as the run was
  double planned_exposed = 0;  // waiting that the plan says, dilated
  double waited = 0;           // waiting that was
  std::size_t late = 0;        // transfers that a window waited for, although the plan had them there in time
  double latest = 0;           // seconds of the latest
  // Of planned_seconds, the part that no window waited for.
  [[nodiscard]] double planned_hidden() const {
    return planned_seconds > 0 ? 1 - planned_exposed / planned_seconds : 1;
  }
  [[nodiscard]] double hidden() const { return planned_seconds > 0 ? 1 - waited / planned_seconds : 1; }
};

struct RunSummary {
  double seconds = 0;
  double window_seconds = 0;     // without waiting
  double attention_seconds = 0;  // before the windows
  double expert_seconds = 0;     // sum over windows until the last device was done
  double predicted_seconds = 0;  // of the same, as seats take turns: the busiest seat of each window
  double busiest_predicted = 0;  // sum over windows of the busiest device
  double busiest_measured = 0;
  double imbalance_predicted = 1;  // busiest over mean, of live devices, weighted by the mean
  double imbalance_measured = 1;
  std::vector<double> device_busy;  // [devices] seconds
  double flops = 0;
  double weight_bytes = 0;
  std::vector<LayerPart> parts;
  IndexTraffic index_traffic;  // of the attention's index branch
  PredictionError error;
  TransferSummary transfers;
};

[[nodiscard]] RunSummary summarise(const RunPlan& plan, const RunResult& result, const ModelShape& shape,
                                   std::size_t expert_bytes, int seats);

}  // namespace plimsoll::executor
