#include "planner/experts/search/eplb_placement.hpp"

#include <algorithm>
#include <numeric>

namespace plimsoll::experts {
namespace {

struct Packing {
  std::vector<int> pack;  // [items]
  std::vector<int> rank;  // [items] position inside the pack
};

// balanced_packing: largest first to the lightest pack that is not full, n / packs items in each.
Packing pack_balanced(const std::vector<float>& weight, int packs) {
  const int items = static_cast<int>(weight.size());
  const int each = items / packs;
  Packing result{std::vector<int>(weight.size()), std::vector<int>(weight.size(), 0)};
  if (each == 1) {
    std::iota(result.pack.begin(), result.pack.end(), 0);
    return result;
  }
  std::vector<std::size_t> order(weight.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return weight[a] > weight[b]; });
  std::vector<float> load(static_cast<std::size_t>(packs), 0.0F);
  std::vector<int> held(static_cast<std::size_t>(packs), 0);
  for (const std::size_t item : order) {
    std::size_t best = load.size();
    for (std::size_t pack = 0; pack < load.size(); ++pack) {
      if (held[pack] < each && (best == load.size() || load[pack] < load[best])) best = pack;
    }
    result.pack[item] = static_cast<int>(best);
    result.rank[item] = held[best]++;
    load[best] += weight[item];
  }
  return result;
}

// replicate_experts: returns the expert of each replica.
std::vector<int> replicate(const std::vector<float>& weight, int replicas, std::vector<int>& count) {
  std::vector<int> expert(weight.size());
  std::iota(expert.begin(), expert.end(), 0);
  count.assign(weight.size(), 1);
  while (static_cast<int>(expert.size()) < replicas) {
    const std::size_t largest = eplb_next_replica(weight, count);
    expert.push_back(static_cast<int>(largest));
    ++count[largest];
  }
  return expert;
}

}  // namespace

std::size_t eplb_next_replica(const std::vector<float>& weight, const std::vector<int>& count) {
  std::size_t largest = 0;
  for (std::size_t e = 1; e < weight.size(); ++e) {
    if (weight[e] / static_cast<float>(count[e]) > weight[largest] / static_cast<float>(count[largest])) largest = e;
  }
  return largest;
}

std::vector<int> eplb_placement(const std::vector<float>& weight, int replicas, const EplbShape& shape) {
  const auto [groups, nodes, devices] = shape;
  const int experts = static_cast<int>(weight.size());
  const int group_size = experts / groups;
  const int groups_per_node = groups / nodes;
  const int experts_per_node = experts / nodes;
  const int slots_per_device = replicas / devices;
  std::vector<float> group_weight(static_cast<std::size_t>(groups), 0.0F);
  for (int expert = 0; expert < experts; ++expert) {
    group_weight[static_cast<std::size_t>(expert / group_size)] += weight[static_cast<std::size_t>(expert)];
  }
  const Packing on_node = pack_balanced(group_weight, nodes);
  std::vector<int> expert_at(weight.size());  // by position: node after node, group after group
  for (int expert = 0; expert < experts; ++expert) {
    const auto group = static_cast<std::size_t>(expert / group_size);
    const int position =
        (on_node.pack[group] * groups_per_node + on_node.rank[group]) * group_size + expert % group_size;
    expert_at[static_cast<std::size_t>(position)] = expert;
  }
  std::vector<int> slots(static_cast<std::size_t>(replicas));
  for (int node = 0; node < nodes; ++node) {
    std::vector<float> local(static_cast<std::size_t>(experts_per_node));
    for (std::size_t k = 0; k < local.size(); ++k) {
      local[k] = weight[static_cast<std::size_t>(expert_at[static_cast<std::size_t>(node * experts_per_node) + k])];
    }
    std::vector<int> count;
    const std::vector<int> copies = replicate(local, replicas / nodes, count);
    std::vector<float> piece(copies.size());
    for (std::size_t k = 0; k < copies.size(); ++k) {
      const auto e = static_cast<std::size_t>(copies[k]);
      piece[k] = local[e] / static_cast<float>(count[e]);
    }
    const Packing on_device = pack_balanced(piece, devices / nodes);
    for (std::size_t k = 0; k < copies.size(); ++k) {
      const int slot = node * (replicas / nodes) + on_device.pack[k] * slots_per_device + on_device.rank[k];
      slots[static_cast<std::size_t>(slot)] = expert_at[static_cast<std::size_t>(node * experts_per_node + copies[k])];
    }
  }
  return slots;
}

}  // namespace plimsoll::experts
