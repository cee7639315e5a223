#include "planner/experts/step/bounds/traffic.hpp"

#include <algorithm>
#include <functional>
#include <numeric>
#include <set>

#include "support/rounding.hpp"

namespace plimsoll::experts::step {
namespace {

// Tokens (token x expert pairs) that do not belong to the `most` experts with the largest numbers.
double beyond(std::vector<double> tokens, int most) {
  const auto kept = std::min(tokens.size(), static_cast<std::size_t>(std::max(0, most)));
  std::partial_sort(tokens.begin(), tokens.begin() + static_cast<std::ptrdiff_t>(kept), tokens.end(), std::greater<>());
  return std::accumulate(tokens.begin() + static_cast<std::ptrdiff_t>(kept), tokens.end(), 0.0);
}

// [devices][experts] pairs by the device that they come from.
Matrix<double> pairs_of(const Prepared& prepared, int microstep, int layer) {
  const StepCommunication& communication = prepared.instance.communication;
  if (communication.copies == Copies::per_replica) {
    return prepared.instance.sources[static_cast<std::size_t>(microstep)][static_cast<std::size_t>(layer)];
  }
  Matrix<double> pairs(static_cast<std::size_t>(prepared.devices), static_cast<std::size_t>(prepared.experts), 0.0);
  const auto k = static_cast<std::size_t>(communication.routes_per_token);
  for (std::size_t token = 0; token < communication.route_source.size(); ++token) {
    if (communication.route_microstep[token] != microstep) continue;
    const std::size_t first = (token * static_cast<std::size_t>(prepared.layers) + static_cast<std::size_t>(layer)) * k;
    for (std::size_t rank = 0; rank < k; ++rank) {
      pairs.at(static_cast<std::size_t>(communication.route_source[token]),
               static_cast<std::size_t>(communication.routes[first + rank])) += 1;
    }
  }
  return pairs;
}

}  // namespace

LeastTraffic least_traffic(const Prepared& prepared, int microstep, int layer) {
  const StepInstance& instance = prepared.instance;
  const Cluster& cluster = instance.experts.cluster;
  if (instance.sources.empty() || !cluster.link) return {};
  const Link& link = *cluster.link;
  const Matrix<double> pairs = pairs_of(prepared, microstep, layer);
  // One copy of a token can serve all its experts.
  const int together =
      instance.communication.copies == Copies::per_replica ? 1 : std::max(1, instance.communication.routes_per_token);
  double per_byte = 0;  // seconds for each byte of a pair
  bool any = false;
  for (int node = 0; node < cluster.nodes; ++node) {
    std::vector<double> of_node(static_cast<std::size_t>(prepared.experts), 0.0);
    std::set<int> nics;
    int columns = 0;
    for (int device = node * cluster.devices_per_node; device < (node + 1) * cluster.devices_per_node; ++device) {
      const auto d = static_cast<std::size_t>(device);
      const auto row = pairs.row(d);
      columns += prepared.columns.slots[d];
      nics.insert(cluster.nic_of_device.empty() ? device : cluster.nic_of_device[d]);
      for (std::size_t e = 0; e < of_node.size(); ++e) of_node[e] += row[e];
      const double leaves = beyond({row.begin(), row.end()}, prepared.columns.slots[d]);
      any = any || leaves > 0;
      const double rate = link.intra_bytes_per_second + link.nic_bytes_per_second;
      if (rate > 0) per_byte = std::max(per_byte, leaves / rate);
    }
    const double rate = static_cast<double>(nics.size()) * link.nic_bytes_per_second;
    if (rate > 0) per_byte = std::max(per_byte, beyond(of_node, columns) / rate);
  }
  per_byte = support::rounded_down(per_byte / together);
  const auto phase = [&](double bytes) { return any && bytes > 0 ? per_byte * bytes + link.latency_seconds : 0.0; };
  return {phase(instance.experts.model.dispatch_token_bytes), phase(instance.experts.model.combine_token_bytes)};
}

}  // namespace plimsoll::experts::step
