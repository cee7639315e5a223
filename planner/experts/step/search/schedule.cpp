#include "planner/experts/step/search/schedule.hpp"

#include <algorithm>
#include <utility>

#include "planner/experts/step/search/scheduler.hpp"
#include "planner/experts/step/search/shares.hpp"

namespace plimsoll::experts::step {

std::optional<StepPlan> schedule(const Prepared& prepared, Matrix<int> base, std::vector<ExpertPlan> microsteps,
                                 support::Meter& meter) {
  const WindowRunner runner(prepared);
  Scheduler scheduler(prepared, base);
  std::vector<Wanted> wanted;
  bool all = true;
  for (const Window& window : prepared.windows) {
    const ExpertPlan& plan = microsteps[static_cast<std::size_t>(window.microstep)];
    const auto layer = static_cast<std::size_t>(window.layer);
    wanted.clear();
    for (int column = 0; column < prepared.total_columns() && window.pass == Pass::forward; ++column) {
      const auto c = static_cast<std::size_t>(column);
      if (base.at(layer, c) >= 0 || plan.slots.at(layer, c) < 0) continue;
      wanted.push_back({plan.slots.at(layer, c), prepared.columns.device_of_slot(column), column});
    }
    const auto booked = scheduler.bring(window.microstep, window.layer, wanted);
    all = std::all_of(booked.begin(), booked.end(), [](const auto& each) { return each.has_value(); });
    if (!all) break;
    runner.run_next(plan, scheduler);
  }
  meter.add_work(scheduler.work() + prepared.windows.size() * static_cast<std::size_t>(prepared.total_columns()));
  if (!all) return std::nullopt;
  scheduler.finish();
  return StepPlan{std::move(base), std::move(microsteps), scheduler.take()};
}

}  // namespace plimsoll::experts::step
