// The published expert-parallel load balancer of DeepSeek (github.com/deepseek-ai/EPLB, 2025), slot for slot: the
// baseline that everybody compares with. Loads are cast to 32-bit floats as there, sums and divisions too.
#include <algorithm>
#include <numeric>
#include <vector>

#include "planner/experts/method.hpp"
#include "planner/experts/search/assemble.hpp"
#include "plimsoll/error.hpp"

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

// replicate_experts: each further replica to the expert whose replicas carry most; returns the expert of each replica.
std::vector<int> replicate(const std::vector<float>& weight, int replicas, std::vector<int>& count) {
  std::vector<int> expert(weight.size());
  std::iota(expert.begin(), expert.end(), 0);
  count.assign(weight.size(), 1);
  while (static_cast<int>(expert.size()) < replicas) {
    std::size_t largest = 0;
    for (std::size_t e = 1; e < weight.size(); ++e) {
      if (weight[e] / static_cast<float>(count[e]) > weight[largest] / static_cast<float>(count[largest])) largest = e;
    }
    expert.push_back(static_cast<int>(largest));
    ++count[largest];
  }
  return expert;
}

// rebalance_experts_hierarchical for one layer: groups to nodes, replicas inside a node, replicas to its devices.
std::vector<int> place_layer(const std::vector<float>& weight, int replicas, int groups, int nodes, int devices) {
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

[[noreturn]] void refuse(const std::string& what, const std::string& pointer) {
  throw Error(ErrorCode::unsupported, "method eplb " + what, pointer, "Maybe use local or auto.");
}

}  // namespace

void run_eplb(const Prepared& prepared, Context& context) {
  const auto& cluster = prepared.instance.cluster;
  refuse_move_limits(prepared, "eplb");
  if (!cluster.dead.empty()) refuse("knows no dead devices", "/cluster/dead");
  for (const int slots : cluster.slots) {
    if (slots != cluster.slots.front()) refuse("needs the same number of slots on every device", "/cluster/slots");
  }
  // As published: hierarchical where groups stay on a node and go round evenly, global otherwise.
  const bool hierarchical = prepared.instance.keep_groups_on_a_node;
  const int groups = hierarchical ? prepared.instance.model.groups : 1;
  const int nodes = hierarchical ? prepared.nodes : 1;
  if (groups % nodes != 0) refuse("needs a number of groups that the nodes divide", "/model/groups");
  ExpertPlan plan = empty_plan(prepared);
  for (int layer = 0; layer < prepared.layers; ++layer) {
    std::vector<float> weight;
    for (const double load : prepared.load(layer)) weight.push_back(static_cast<float>(load));
    const auto slots = place_layer(weight, prepared.total_slots(), groups, nodes, prepared.devices);
    std::copy(slots.begin(), slots.end(), plan.slots.row(static_cast<std::size_t>(layer)).begin());
    share_evenly(prepared, layer, plan);
    context.meter().add_work(static_cast<std::uint64_t>(prepared.total_slots()) *
                             static_cast<std::uint64_t>(prepared.experts));
  }
  offer_or_refuse(context, std::move(plan), "eplb");
}

}  // namespace plimsoll::experts
