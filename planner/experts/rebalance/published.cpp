#include "planner/experts/rebalance/published.hpp"

#include <algorithm>

#include "planner/experts/search/eplb_placement.hpp"

namespace plimsoll::experts {

bool may_publish(const Prepared& prepared) {
  const ExpertInstance& instance = prepared.instance;
  const std::vector<int>& slots = instance.cluster.slots;
  const bool alike = std::all_of(slots.begin(), slots.end(), [&](int count) { return count == slots.front(); });
  const bool grouped = !instance.keep_groups_on_a_node || instance.model.groups % prepared.nodes == 0;
  return instance.cluster.dead.empty() && alike && grouped && prepared.total_slots() >= prepared.experts;
}

LayerPlan published_layer(LayerProblem& problem) {
  const Prepared& prepared = *problem.prepared;
  const bool grouped = prepared.instance.keep_groups_on_a_node;
  const std::vector<float> weight(problem.load.begin(), problem.load.end());
  const EplbPlacement placement =
      eplb_placement(weight, prepared.total_slots(),
                     {grouped ? prepared.instance.model.groups : 1, grouped ? prepared.nodes : 1, prepared.devices});
  std::vector<int> count(problem.load.size(), 0);
  for (const int expert : placement.expert) ++count[static_cast<std::size_t>(expert)];
  LayerPlan plan;
  std::vector<double> seconds(static_cast<std::size_t>(prepared.devices), 0.0);
  if (grouped) problem.home.assign(problem.load.size(), 0);
  for (std::size_t slot = 0; slot < placement.expert.size(); ++slot) {
    const int device = prepared.device_of_slot(static_cast<int>(slot));
    const auto expert = static_cast<std::size_t>(placement.expert[slot]);
    const double tokens = problem.load[expert] / count[expert];
    plan.replicas.push_back({placement.expert[slot], device, tokens});
    seconds[static_cast<std::size_t>(device)] += prepared.curve.seconds(tokens);
    if (grouped) problem.home[expert] = prepared.node[static_cast<std::size_t>(device)];
  }
  plan.seconds = *std::max_element(seconds.begin(), seconds.end()) / prepared.speed(0);
  plan.feasible = true;
  return plan;
}

}  // namespace plimsoll::experts
