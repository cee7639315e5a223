#include "planner/experts/step/search/shares.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "planner/experts/search/assemble.hpp"
#include "planner/experts/search/resplit.hpp"

namespace plimsoll::experts::step {
namespace {

// Real tokens are counted in this part of the layer's total: finer than the 1e-9 that "optimal" means.
constexpr double fineness = 0x1.0p52;

}  // namespace

void share_evenly(const Prepared& prepared, int microstep, int layer, ExpertPlan& plan) {
  experts::share_evenly(prepared.columns, layer, prepared.load(microstep, layer), plan);
}

void RowShares::share_proportional(std::span<const double> load) {
  const experts::Prepared& columns = prepared_.columns;
  double total = 0;
  for (const double tokens : load) total += tokens;
  if (!(total > 0)) return;
  const double unit = total / fineness;
  demand_.resize(load.size());
  for (std::size_t expert = 0; expert < load.size(); ++expert) {
    demand_[expert] = static_cast<std::int64_t>(std::round(load[expert] / unit));
  }
  flow_.clear(demand_);
  for (const Replica& replica : replicas_) flow_.add(replica.expert, replica.device);
  // Each cut names experts that fit on the devices that hold them from some larger time on.
  const double rate = columns.curve.rate();
  const auto least_seconds = [&](std::int64_t units, double speed) {
    return static_cast<double>(units) * unit * rate / speed;
  };
  double speed = 0;
  for (int device = 0; device < columns.devices; ++device) {
    if (columns.slots[static_cast<std::size_t>(device)] > 0) speed += columns.speed(device);
  }
  double seconds = least_seconds(flow_.unserved(), speed);
  // Rounding to whole units can hold back one at each node.
  const auto slack = static_cast<std::int64_t>(load.size()) + columns.devices;
  for (int round = 0; round < 200; ++round) {
    for (int device = 0; device < columns.devices; ++device) {
      const double units = std::ceil(seconds * columns.speed(device) / rate / unit);
      flow_.set_capacity(device, static_cast<std::int64_t>(std::min(units, fineness * 4)));
    }
    if (flow_.saturate() <= slack) break;
    std::int64_t units = 0;
    for (int expert = 0; expert < columns.experts; ++expert) {
      if (flow_.reached(expert)) units += demand_[static_cast<std::size_t>(expert)];
    }
    double cut_speed = 0;
    for (int device = 0; device < columns.devices; ++device) {
      if (flow_.reached_device(device)) cut_speed += columns.speed(device);
    }
    if (!(cut_speed > 0)) break;  // an expert without a replica: the evaluation will say so
    const double next = least_seconds(units, cut_speed);
    if (!(next > seconds)) break;
    seconds = next;
  }
  for (int expert = 0; expert < columns.experts; ++expert) {
    const auto& mine = flow_.replicas_of(expert);
    std::int64_t sent = 0;
    for (const int replica : mine) sent += flow_.served(replica);
    for (const int replica : mine) {
      const double part = sent > 0 ? static_cast<double>(flow_.served(replica)) / static_cast<double>(sent)
                                   : (replica == mine.front() ? 1.0 : 0.0);
      replicas_[static_cast<std::size_t>(replica)].tokens = load[static_cast<std::size_t>(expert)] * part;
    }
  }
}

void RowShares::share(int microstep, int layer, ExpertPlan& plan) {
  const experts::Prepared& columns = prepared_.columns;
  if (columns.even) {
    share_evenly(prepared_, microstep, layer, plan);
    return;
  }
  const auto load = prepared_.load(microstep, layer);
  const auto slots = plan.slots.row(static_cast<std::size_t>(layer));
  replicas_.clear();
  for (std::size_t column = 0; column < slots.size(); ++column) {
    if (slots[column] < 0) continue;
    replicas_.push_back({slots[column], columns.device_of_slot(static_cast<int>(column)), 0.0});
  }
  if (columns.curve.proportional() && !columns.curve.tiled() && columns.curve.rate() > 0) {
    share_proportional(load);
  } else {
    resplit(columns, layer, load, replicas_, work_);
  }
  tokens_.assign(slots.size(), 0.0);
  // Replicas come back in the order of columns, but those without tokens may be gone.
  std::size_t next = 0;
  for (std::size_t column = 0; column < slots.size() && next < replicas_.size(); ++column) {
    const Replica& replica = replicas_[next];
    if (slots[column] != replica.expert || columns.device_of_slot(static_cast<int>(column)) != replica.device) continue;
    tokens_[column] = replica.tokens;
    ++next;
  }
  write_tokens(columns, layer, load, tokens_, plan);
}

std::vector<double> device_seconds(const Prepared& prepared, int microstep, int layer, const ExpertPlan& plan) {
  const auto l = static_cast<std::size_t>(layer);
  const auto load = prepared.load(microstep, layer);
  const auto slots = plan.slots.row(l);
  std::vector<double> times;
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
    times.push_back(seconds / prepared.columns.speed(device));
  }
  return times;
}

double largest_seconds(const Prepared& prepared, int microstep, int layer, const ExpertPlan& plan) {
  const std::vector<double> times = device_seconds(prepared, microstep, layer, plan);
  return *std::max_element(times.begin(), times.end());
}

void WindowRunner::run_next(const ExpertPlan& plan, Scheduler& scheduler) const {
  const int index = scheduler.next_window();
  const Window& window = prepared_.windows[static_cast<std::size_t>(index)];
  const auto layer = static_cast<std::size_t>(window.layer);
  scheduler.run(index, largest_seconds(prepared_, window.microstep, window.layer, plan),
                traffic_.of(window.microstep, window.layer, plan.slots.row(layer), plan.shares.row(layer)));
}

}  // namespace plimsoll::experts::step
