// A plan of one table of loads: a window for each layer, no transfers.
#include <algorithm>
#include <numeric>

#include "executor/run/run_loads.hpp"

namespace plimsoll::executor {

RunPlan run_plan(const ExpertInstance& instance, const ExpertPlan& plan, Prediction prediction, const RunPart& part) {
  const PartBounds bounds = bounds_of(part, instance.model.layers, 1);
  RunPlan run;
  run.devices = instance.cluster.devices();
  run.layers = bounds.layers;
  run.experts = instance.model.experts;
  run.top_k = instance.model.top_k;
  run.base_slots = instance.cluster.slots;
  run.slots = instance.cluster.slots;
  run.base = Matrix<int>(static_cast<std::size_t>(bounds.layers), plan.slots.columns(), -1);
  double largest = 0;
  for (int layer = 0; layer < bounds.layers; ++layer) {
    const auto row = instance.load.row(static_cast<std::size_t>(bounds.first_layer + layer));
    largest = std::max(largest, std::accumulate(row.begin(), row.end(), 0.0));
  }
  for (int layer = 0; layer < bounds.layers; ++layer) {
    const auto from = static_cast<std::size_t>(bounds.first_layer + layer);
    const auto slots = plan.slots.row(from);
    std::copy(slots.begin(), slots.end(), run.base.row(static_cast<std::size_t>(layer)).begin());
    Window window = window_of(plan, static_cast<int>(from), run.slots,
                              scaled_loads(instance.load.row(from), load_scale(part, largest)));
    window.layer = layer;
    run.windows.push_back(std::move(window));
    run.prediction.windows.push_back({0, layer, true});
    run.prediction.window_start.push_back(prediction.window_start[from]);
    run.prediction.window_seconds.push_back(prediction.window_seconds[from]);
    run.prediction.waited.push_back(0);
    run.prediction.device_seconds.push_back(std::move(prediction.device_seconds[from]));
  }
  return run;
}

}  // namespace plimsoll::executor
