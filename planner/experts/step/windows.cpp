#include "planner/experts/step/windows.hpp"

#include <cstddef>

namespace plimsoll::experts::step {

std::vector<Window> windows_of(const StepInstance& instance) {
  const int layers = instance.experts.model.layers;
  const std::vector<ScheduledPass> schedule =
      instance.schedule.empty() ? default_schedule(instance.microsteps(), instance.gradient_return) : instance.schedule;
  std::vector<Window> windows;
  windows.reserve(schedule.size() * static_cast<std::size_t>(layers));
  for (const ScheduledPass& scheduled : schedule) {
    for (int step = 0; step < layers; ++step) {
      const int layer = scheduled.pass == Pass::forward ? step : layers - 1 - step;
      windows.push_back({scheduled.microstep, layer, scheduled.pass});
    }
  }
  return windows;
}

std::vector<ScheduledPass> default_schedule(int microsteps, bool gradient_return) {
  std::vector<ScheduledPass> schedule;
  for (int microstep = 0; microstep < microsteps; ++microstep) {
    schedule.push_back({Pass::forward, microstep});
    if (gradient_return) schedule.push_back({Pass::backward, microstep});
  }
  return schedule;
}

}  // namespace plimsoll::experts::step
