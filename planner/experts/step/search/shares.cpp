#include "planner/experts/step/search/shares.hpp"

#include <algorithm>
#include <vector>

#include "planner/experts/search/assemble.hpp"
#include "planner/experts/search/resplit.hpp"

namespace plimsoll::experts::step {

void share_evenly(const Prepared& prepared, int microstep, int layer, ExpertPlan& plan) {
  experts::share_evenly(prepared.columns, layer, prepared.load(microstep, layer), plan);
}

void share_exactly(const Prepared& prepared, int microstep, int layer, ExpertPlan& plan, std::uint64_t& work) {
  if (prepared.columns.even) {
    share_evenly(prepared, microstep, layer, plan);
    return;
  }
  const auto load = prepared.load(microstep, layer);
  const auto slots = plan.slots.row(static_cast<std::size_t>(layer));
  std::vector<Replica> replicas;
  for (std::size_t column = 0; column < slots.size(); ++column) {
    if (slots[column] < 0) continue;
    replicas.push_back({slots[column], prepared.columns.device_of_slot(static_cast<int>(column)), 0.0});
  }
  resplit(prepared.columns, layer, load, replicas, work);
  std::vector<double> tokens(slots.size(), 0.0);
  std::size_t next = 0;
  for (std::size_t column = 0; column < slots.size(); ++column) {
    if (slots[column] >= 0) tokens[column] = replicas[next++].tokens;
  }
  write_tokens(prepared.columns, layer, load, tokens, plan);
}

double largest_seconds(const Prepared& prepared, int microstep, int layer, const ExpertPlan& plan) {
  const auto l = static_cast<std::size_t>(layer);
  const auto load = prepared.load(microstep, layer);
  const auto slots = plan.slots.row(l);
  double latest = 0;
  for (int device = 0; device < prepared.devices; ++device) {
    const auto d = static_cast<std::size_t>(device);
    double seconds = 0;
    for (int column = prepared.columns.first_slot[d]; column < prepared.columns.first_slot[d + 1]; ++column) {
      const auto c = static_cast<std::size_t>(column);
      if (slots[c] < 0) continue;
      const double tokens = prepared.columns.whole_tokens
                                ? static_cast<double>(plan.tokens.at(l, c))
                                : load[static_cast<std::size_t>(slots[c])] * plan.shares.at(l, c);
      seconds += prepared.columns.curve.seconds(tokens);
    }
    latest = std::max(latest, seconds / prepared.columns.speed(device));
  }
  return latest;
}

void WindowRunner::run_next(const ExpertPlan& plan, Scheduler& scheduler) const {
  const int index = scheduler.next_window();
  const Window& window = prepared_.windows[static_cast<std::size_t>(index)];
  const auto layer = static_cast<std::size_t>(window.layer);
  scheduler.run(index, largest_seconds(prepared_, window.microstep, window.layer, plan),
                traffic_.of(window.microstep, window.layer, plan.slots.row(layer), plan.shares.row(layer)));
}

}  // namespace plimsoll::experts::step
