#include "planner/experts/step/search/share_row.hpp"

#include <algorithm>
#include <cmath>

#include "planner/experts/search/assemble.hpp"
#include "planner/experts/search/token_flow.hpp"
#include "planner/experts/search/weighted_search.hpp"

namespace plimsoll::experts::step {
namespace {

// Real tokens are counted in this part of the layer's total: finer than the 1e-9 that "optimal" means.
constexpr double fineness = 0x1.0p52;

// All tokens on the first replica of each expert, then shifts: for costs that no flow describes.
void descend(const experts::Prepared& view, int layer, std::vector<Replica>& replicas, std::uint64_t& work) {
  const auto load = view.load(layer);
  std::vector<bool> given(load.size(), false);
  for (Replica& replica : replicas) {
    const auto expert = static_cast<std::size_t>(replica.expert);
    replica.tokens = given[expert] ? 0.0 : load[expert];
    given[expert] = true;
  }
  LayerPlan plan;
  plan.replicas = replicas;
  LayerProblem problem{&view, layer, load, view.slots, {}, no_limit, {}};
  LayerState state(problem);
  state.load(plan);
  shift_tokens(state, work);
  // The state keeps replicas in the order of devices and slots, as they came.
  replicas = state.plan().replicas;
}

}  // namespace

void RowShares::solve_proportional(const experts::Prepared& view, std::span<const double> load,
                                   std::vector<Replica>& replicas) {
  double total = 0;
  for (const double tokens : load) total += tokens;
  if (!(total > 0)) return;
  const double unit = total / fineness;
  demand_.resize(load.size());
  for (std::size_t expert = 0; expert < load.size(); ++expert) {
    demand_[expert] = static_cast<std::int64_t>(std::round(load[expert] / unit));
  }
  flow_.clear(demand_);
  for (const Replica& replica : replicas) flow_.add(replica.expert, replica.device);
  // Each cut names experts that fit on the devices that hold them from some larger time on.
  const double rate = view.curve.rate();
  const auto least_seconds = [&](std::int64_t units, double speed) {
    return static_cast<double>(units) * unit * rate / speed;
  };
  double speed = 0;
  for (int device = 0; device < view.devices; ++device) {
    if (view.slots[static_cast<std::size_t>(device)] > 0) speed += view.speed(device);
  }
  double seconds = least_seconds(flow_.unserved(), speed);
  // Rounding to whole units can hold back one at each node.
  const auto slack = static_cast<std::int64_t>(load.size()) + view.devices;
  for (int round = 0; round < 200; ++round) {
    for (int device = 0; device < view.devices; ++device) {
      const double units = std::ceil(seconds * view.speed(device) / rate / unit);
      flow_.set_capacity(device, static_cast<std::int64_t>(std::min(units, fineness * 4)));
    }
    if (flow_.saturate() <= slack) break;
    std::int64_t units = 0;
    for (int expert = 0; expert < view.experts; ++expert) {
      if (flow_.reached(expert)) units += demand_[static_cast<std::size_t>(expert)];
    }
    double cut_speed = 0;
    for (int device = 0; device < view.devices; ++device) {
      if (flow_.reached_device(device)) cut_speed += view.speed(device);
    }
    if (!(cut_speed > 0)) break;  // an expert without a replica: the evaluation will say so
    const double next = least_seconds(units, cut_speed);
    if (!(next > seconds)) break;
    seconds = next;
  }
  for (int expert = 0; expert < view.experts; ++expert) {
    const auto& mine = flow_.replicas_of(expert);
    std::int64_t sent = 0;
    for (const int replica : mine) sent += flow_.served(replica);
    for (const int replica : mine) {
      const double part = sent > 0 ? static_cast<double>(flow_.served(replica)) / static_cast<double>(sent)
                                   : (replica == mine.front() ? 1.0 : 0.0);
      replicas[static_cast<std::size_t>(replica)].tokens = load[static_cast<std::size_t>(expert)] * part;
    }
  }
}

double RowShares::share(const experts::Prepared& view, int layer, ExpertPlan& plan) {
  const auto l = static_cast<std::size_t>(layer);
  if (view.even) {
    share_evenly(view, layer, plan);
    return row_seconds(view, layer, plan);
  }
  const auto slots = plan.slots.row(l);
  const auto load = view.load(layer);
  replicas_.clear();
  columns_.clear();
  for (std::size_t column = 0; column < slots.size(); ++column) {
    if (slots[column] < 0) continue;
    replicas_.push_back({slots[column], view.device_of_slot(static_cast<int>(column)), 0.0});
    columns_.push_back(column);
  }
  if (view.curve.table()) {
    descend(view, layer, replicas_, work_);
  } else if (view.curve.proportional() && !view.curve.tiled() && view.curve.rate() > 0) {
    solve_proportional(view, load, replicas_);
  } else {
    work_ += flow_work * solve_shares(view, load, replicas_).work;
  }
  std::vector<bool> given(load.size(), false);
  for (std::size_t k = 0; k < replicas_.size(); ++k) {
    const auto expert = static_cast<std::size_t>(replicas_[k].expert);
    const double share = load[expert] > 0 ? replicas_[k].tokens / load[expert] : given[expert] ? 0.0 : 1.0;
    given[expert] = true;
    plan.shares.at(l, columns_[k]) = std::min(share, 1.0);
    if (view.whole_tokens) plan.tokens.at(l, columns_[k]) = static_cast<std::int64_t>(replicas_[k].tokens);
  }
  return row_seconds(view, layer, plan);
}

double row_seconds(const experts::Prepared& view, int layer, const ExpertPlan& plan) {
  const auto l = static_cast<std::size_t>(layer);
  const auto load = view.load(layer);
  const auto slots = plan.slots.row(l);
  double largest = 0;
  for (int device = 0; device < view.devices; ++device) {
    const auto d = static_cast<std::size_t>(device);
    double seconds = 0;
    for (int column = view.first_slot[d]; column < view.first_slot[d + 1]; ++column) {
      const auto c = static_cast<std::size_t>(column);
      if (slots[c] < 0) continue;
      const double tokens = view.whole_tokens ? static_cast<double>(plan.tokens.at(l, c))
                                              : plan.shares.at(l, c) * load[static_cast<std::size_t>(slots[c])];
      seconds += view.curve.seconds(tokens);
    }
    largest = std::max(largest, seconds / view.speed(device));
  }
  return largest;
}

}  // namespace plimsoll::experts::step
