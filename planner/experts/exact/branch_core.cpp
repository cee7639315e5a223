#include "planner/experts/exact/branch_core.hpp"

#include <algorithm>
#include <cmath>

namespace plimsoll::experts {

void BranchPart::sort_experts() {
  std::stable_sort(experts.begin(), experts.end(), [this](int a, int b) { return load(a) > load(b); });
}

bool BranchPart::alike(int device, int other) const {
  const Prepared& prepared = *problem->prepared;
  if (speed(device) != speed(other) || capacity(device) != capacity(other)) return false;
  if (prepared.instance.keep_groups_on_a_node &&
      prepared.node[static_cast<std::size_t>(device)] != prepared.node[static_cast<std::size_t>(other)]) {
    return false;
  }
  if (replica_price(device) != replica_price(other)) return false;
  if (!counts_moves()) return true;
  if (move_price(device) != move_price(other)) return false;
  if (device_limit(device) != device_limit(other)) return false;
  return std::all_of(experts.begin(), experts.end(),
                     [&](int expert) { return problem->stood(expert, device) == problem->stood(expert, other); });
}

std::vector<std::size_t> BranchPart::by_replica_price() const {
  std::vector<std::size_t> order;
  if (problem->replica_price.empty()) return order;
  for (std::size_t d = 0; d < devices.size(); ++d) order.push_back(d);
  std::stable_sort(order.begin(), order.end(), [this](std::size_t a, std::size_t b) {
    return replica_price(devices[a]) < replica_price(devices[b]);
  });
  return order;
}

bool BranchPart::twins(int expert, int other) const {
  if (load(expert) != load(other)) return false;
  return std::all_of(devices.begin(), devices.end(), [&](int device) {
    return problem->allowed(expert, device) == problem->allowed(other, device) &&
           (!counts_moves() || problem->stood(expert, device) == problem->stood(other, device));
  });
}

bool BranchPart::must_move(int expert) const {
  return std::none_of(devices.begin(), devices.end(),
                      [&](int device) { return problem->allowed(expert, device) && problem->stood(expert, device); });
}

double even_layer_seconds(const LayerProblem& problem, std::vector<Replica> replicas) {
  std::stable_sort(replicas.begin(), replicas.end(),
                   [](const Replica& a, const Replica& b) { return a.device < b.device; });
  const CostCurve& curve = problem.prepared->curve;
  std::vector<int> count(static_cast<std::size_t>(problem.experts()), 0);
  std::vector<int> seen(count.size(), 0);
  for (const Replica& replica : replicas) ++count[static_cast<std::size_t>(replica.expert)];
  std::vector<double> seconds(static_cast<std::size_t>(problem.devices()), 0.0);
  double latest = 0;
  for (const Replica& replica : replicas) {
    const auto expert = static_cast<std::size_t>(replica.expert);
    double tokens = problem.load[expert] / count[expert];
    if (curve.tiled()) {
      const double low = std::floor(tokens);
      tokens = seen[expert]++ < problem.load[expert] - low * count[expert] ? low + 1 : low;
    }
    double& sum = seconds[static_cast<std::size_t>(replica.device)];
    sum += curve.seconds(tokens);
    latest = std::max(latest, sum / problem.prepared->speed(replica.device));
  }
  return latest;
}

}  // namespace plimsoll::experts
