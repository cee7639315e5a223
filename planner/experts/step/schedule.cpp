#include "planner/experts/step/schedule.hpp"

namespace plimsoll::experts::step {

std::vector<ScheduledPass> default_schedule(int microsteps, bool backward) {
  std::vector<ScheduledPass> schedule;
  for (int microstep = 0; microstep < microsteps; ++microstep) {
    schedule.push_back({Pass::forward, microstep});
    if (backward) schedule.push_back({Pass::backward, microstep});
  }
  return schedule;
}

}  // namespace plimsoll::experts::step
