#include "planner/experts/step/search/share_row.hpp"

#include <algorithm>

#include "planner/experts/search/assemble.hpp"
#include "planner/experts/search/token_flow.hpp"
#include "planner/experts/search/weighted_search.hpp"

namespace plimsoll::experts::step {
namespace {

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

double share_row(const experts::Prepared& view, int layer, ExpertPlan& plan, std::uint64_t& work) {
  const auto l = static_cast<std::size_t>(layer);
  if (view.even) {
    share_evenly(view, layer, plan);
    return row_seconds(view, layer, plan);
  }
  const auto slots = plan.slots.row(l);
  const auto load = view.load(layer);
  std::vector<Replica> replicas;
  std::vector<std::size_t> columns;
  for (std::size_t column = 0; column < slots.size(); ++column) {
    if (slots[column] < 0) continue;
    replicas.push_back({slots[column], view.device_of_slot(static_cast<int>(column)), 0.0});
    columns.push_back(column);
  }
  if (view.curve.table()) {
    descend(view, layer, replicas, work);
  } else {
    work += flow_work * solve_shares(view, load, replicas).work;
  }
  std::vector<bool> given(load.size(), false);
  for (std::size_t k = 0; k < replicas.size(); ++k) {
    const auto expert = static_cast<std::size_t>(replicas[k].expert);
    const double share = load[expert] > 0 ? replicas[k].tokens / load[expert] : given[expert] ? 0.0 : 1.0;
    given[expert] = true;
    plan.shares.at(l, columns[k]) = std::min(share, 1.0);
    if (view.whole_tokens) plan.tokens.at(l, columns[k]) = static_cast<std::int64_t>(replicas[k].tokens);
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
