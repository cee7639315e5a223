#include "executor/run/run_plan.hpp"

namespace plimsoll::executor {

RunPlan unplanned(const RunPlan& plan) {
  RunPlan run;
  run.devices = 1;
  run.layers = plan.layers;
  run.experts = plan.experts;
  run.top_k = plan.top_k;
  run.base_slots = {0};
  run.slots = {plan.experts};
  run.pooled = true;
  run.base = Matrix<int>(static_cast<std::size_t>(plan.layers), static_cast<std::size_t>(plan.experts), -1);
  for (const Window& window : plan.windows) {
    Window all;
    all.microstep = window.microstep;
    all.layer = window.layer;
    all.load = window.load;
    const auto experts = static_cast<std::size_t>(plan.experts);
    all.row.slots = Matrix<int>(1, experts);
    all.row.shares = Matrix<double>(1, experts, 1.0);
    all.replicas.resize(1);
    for (int expert = 0; expert < plan.experts; ++expert) {
      all.row.slots.at(0, static_cast<std::size_t>(expert)) = expert;
      // Any transfer will do: preloaded, what transfers bring is read from host memory.
      all.replicas[0].push_back({expert, expert, expert, 0, window.load[static_cast<std::size_t>(expert)], 0});
    }
    run.windows.push_back(std::move(all));
    run.prediction.windows.push_back({window.microstep, window.layer, true});
    run.prediction.window_start.push_back(0);
    run.prediction.window_seconds.push_back(0);
    run.prediction.waited.push_back(0);
    run.prediction.device_seconds.push_back({0.0});
  }
  return run;
}

}  // namespace plimsoll::executor
