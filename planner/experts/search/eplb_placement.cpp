#include "planner/experts/search/eplb_placement.hpp"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <numeric>
#include <span>
#include <utility>

#include "planner/experts/search/float_sum.hpp"

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
  // Equal weights come in whatever order std::sort leaves them. PyTorch sorts with it on a CPU (libstdc++ in its
  // builds, aten/src/ATen/native/cpu/SortingKernel.cpp), so no other sort and no key for ties gives the published
  // slots.
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return weight[a] > weight[b]; });
  // Packs that are not full, the lightest on top, the first of equals first.
  using Pack = std::pair<float, int>;
  std::vector<Pack> open;
  for (int pack = 0; pack < packs; ++pack) open.emplace_back(0.0F, pack);
  std::vector<int> held(static_cast<std::size_t>(packs), 0);
  for (const std::size_t item : order) {
    std::pop_heap(open.begin(), open.end(), std::greater<>());
    auto& [load, pack] = open.back();
    result.pack[item] = pack;
    result.rank[item] = held[static_cast<std::size_t>(pack)]++;
    load += weight[item];
    if (result.rank[item] + 1 < each) {
      std::push_heap(open.begin(), open.end(), std::greater<>());
    } else {
      open.pop_back();
    }
  }
  return result;
}

struct Replicas {
  std::vector<int> expert;  // [replicas]
  std::vector<int> rank;    // [replicas] how many replicas its expert had before
  std::vector<int> count;   // [experts]
};

// replicate_experts.
Replicas replicate(const std::vector<float>& weight, int replicas) {
  Replicas result{std::vector<int>(weight.size()), std::vector<int>(weight.size(), 0),
                  std::vector<int>(weight.size(), 1)};
  std::iota(result.expert.begin(), result.expert.end(), 0);
  std::vector<float> piece = weight;
  while (static_cast<int>(result.expert.size()) < replicas) {
    // The first of the largest, as eplb_next_replica finds it, with one division instead of one for every expert.
    const auto largest = static_cast<std::size_t>(std::max_element(piece.begin(), piece.end()) - piece.begin());
    result.expert.push_back(static_cast<int>(largest));
    result.rank.push_back(result.count[largest]++);
    piece[largest] = weight[largest] / static_cast<float>(result.count[largest]);
  }
  return result;
}

}  // namespace

std::size_t eplb_next_replica(const std::vector<float>& weight, const std::vector<int>& count) {
  std::size_t largest = 0;
  for (std::size_t e = 1; e < weight.size(); ++e) {
    if (weight[e] / static_cast<float>(count[e]) > weight[largest] / static_cast<float>(count[largest])) largest = e;
  }
  return largest;
}

EplbPlacement eplb_placement(const std::vector<float>& weight, int replicas, const EplbShape& shape) {
  const auto [groups, nodes, devices] = shape;
  const int experts = static_cast<int>(weight.size());
  const int group_size = experts / groups;
  const int groups_per_node = groups / nodes;
  const int experts_per_node = experts / nodes;
  const int slots_per_device = replicas / devices;
  std::vector<float> group_weight;
  for (int group = 0; group < groups; ++group) {
    group_weight.push_back(float_sum(std::span(weight).subspan(
        static_cast<std::size_t>(group) * static_cast<std::size_t>(group_size), static_cast<std::size_t>(group_size))));
  }
  const Packing on_node = pack_balanced(group_weight, nodes);
  std::vector<int> expert_at(weight.size());  // by position: node after node, group after group
  for (int expert = 0; expert < experts; ++expert) {
    const auto group = static_cast<std::size_t>(expert / group_size);
    const int position =
        (on_node.pack[group] * groups_per_node + on_node.rank[group]) * group_size + expert % group_size;
    expert_at[static_cast<std::size_t>(position)] = expert;
  }
  EplbPlacement placement{std::vector<int>(static_cast<std::size_t>(replicas)),
                          std::vector<int>(static_cast<std::size_t>(replicas))};
  for (int node = 0; node < nodes; ++node) {
    std::vector<float> local(static_cast<std::size_t>(experts_per_node));
    for (std::size_t k = 0; k < local.size(); ++k) {
      local[k] = weight[static_cast<std::size_t>(expert_at[static_cast<std::size_t>(node * experts_per_node) + k])];
    }
    const Replicas copies = replicate(local, replicas / nodes);
    std::vector<float> piece(copies.expert.size());
    for (std::size_t k = 0; k < piece.size(); ++k) {
      const auto e = static_cast<std::size_t>(copies.expert[k]);
      piece[k] = local[e] / static_cast<float>(copies.count[e]);
    }
    const Packing on_device = pack_balanced(piece, devices / nodes);
    for (std::size_t k = 0; k < piece.size(); ++k) {
      const auto slot = static_cast<std::size_t>(node * (replicas / nodes) + on_device.pack[k] * slots_per_device +
                                                 on_device.rank[k]);
      placement.expert[slot] = expert_at[static_cast<std::size_t>(node * experts_per_node + copies.expert[k])];
      placement.rank[slot] = copies.rank[k];
    }
  }
  return placement;
}

}  // namespace plimsoll::experts
