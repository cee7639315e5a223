// The published expert-parallel load balancer of DeepSeek (github.com/deepseek-ai/EPLB, 2025) for one layer, slot for
// slot. Loads are 32-bit floats as there, sums and divisions too.
#pragma once

#include <cstddef>
#include <vector>

namespace plimsoll::experts {

struct EplbShape {
  int groups = 1;  // 1 and one node: the global policy
  int nodes = 1;
  int devices = 1;
};

// Device after device.
struct EplbPlacement {
  std::vector<int> expert;  // [replicas]
  std::vector<int> rank;    // [replicas] which of its expert's replicas: from 0, in the order in which they were made
};

// rebalance_experts_hierarchical: groups to nodes, replicas inside a node, replicas to its devices. Needs at least as
// many replicas as experts, nodes that divide the groups, and devices that divide the replicas.
EplbPlacement eplb_placement(const std::vector<float>& weight, int replicas, const EplbShape& shape);

// replicate_experts gives each further replica to the expert whose replicas carry most.
std::size_t eplb_next_replica(const std::vector<float>& weight, const std::vector<int>& count);

}  // namespace plimsoll::experts
