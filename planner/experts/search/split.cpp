#include "planner/experts/search/split.hpp"

#include <algorithm>
#include <numeric>
#include <set>
#include <tuple>

namespace plimsoll::experts {
namespace {

// Slots that the placement's replicas use on live devices of a layer.
std::vector<std::vector<int>> standing_use(const Prepared& prepared) {
  std::vector<std::vector<int>> use(static_cast<std::size_t>(prepared.layers),
                                    std::vector<int>(static_cast<std::size_t>(prepared.devices), 0));
  if (!prepared.moves_matter()) return use;
  for (int layer = 0; layer < prepared.layers; ++layer) {
    for (int slot = 0; slot < prepared.total_slots(); ++slot) {
      const auto device = static_cast<std::size_t>(prepared.device_of_slot(slot));
      const int expert =
          prepared.instance.placement->at(static_cast<std::size_t>(layer), static_cast<std::size_t>(slot));
      if (expert >= 0 && prepared.alive[device]) ++use[static_cast<std::size_t>(layer)][device];
    }
  }
  return use;
}

void hand_out_memory(const Prepared& prepared, std::vector<LayerProblem>& problems) {
  auto use = standing_use(prepared);
  std::vector<std::int64_t> room(problems.size(), 0);  // slots of a layer so far
  for (auto& problem : problems) std::fill(problem.capacity.begin(), problem.capacity.end(), 0);
  for (int device = 0; device < prepared.devices; ++device) {
    const auto d = static_cast<std::size_t>(device);
    std::int64_t left = prepared.memory_replicas[d];
    std::int64_t wanted = 0;
    for (const auto& row : use) wanted += row[d];
    if (wanted <= left) {
      for (std::size_t layer = 0; layer < problems.size(); ++layer) {
        problems[layer].capacity[d] = use[layer][d];
        room[layer] += use[layer][d];
      }
      left -= wanted;
    }
    // One at a time to the layer with least on this device, then least over all.
    std::set<std::tuple<int, std::int64_t, std::size_t>> order;
    for (std::size_t layer = 0; layer < problems.size(); ++layer) {
      order.emplace(problems[layer].capacity[d], room[layer], layer);
    }
    while (left > 0 && !order.empty()) {
      const auto [held, total, layer] = *order.begin();
      order.erase(order.begin());
      if (held >= prepared.slots[d]) continue;
      ++problems[layer].capacity[d];
      ++room[layer];
      --left;
      order.emplace(held + 1, total + 1, layer);
    }
  }
}

// The nodes of one layer while groups are bound to them.
struct Node {
  int slots = 0;
  double speed = 0;
  double load = 0;
  int groups = 0;
  int needed = 0;  // groups without which its slots cannot be filled
};

class Nodes {
 public:
  explicit Nodes(const LayerProblem& problem)
      : size_(problem.prepared->experts / problem.prepared->instance.model.groups),
        left_(problem.prepared->instance.model.groups),
        nodes_(static_cast<std::size_t>(problem.prepared->nodes)) {
    const auto& cluster = problem.prepared->instance.cluster;
    for (int device = 0; device < problem.devices(); ++device) {
      const int capacity = problem.capacity[static_cast<std::size_t>(device)];
      if (capacity == 0) continue;
      Node& node = nodes_[static_cast<std::size_t>(problem.prepared->node[static_cast<std::size_t>(device)])];
      node.slots += capacity;
      node.speed += problem.prepared->speed(device);
      // Without duplicates a device is filled with different experts.
      const int experts = cluster.duplicates ? 1 : capacity;
      if (cluster.fill_slots) node.needed = std::max(node.needed, (experts + size_ - 1) / size_);
    }
  }

  [[nodiscard]] std::size_t count() const { return nodes_.size(); }
  [[nodiscard]] const Node& at(std::size_t index) const { return nodes_[index]; }
  [[nodiscard]] bool fits(std::size_t index) const { return nodes_[index].slots >= (nodes_[index].groups + 1) * size_; }
  // There is room, and enough groups are left for the nodes that still need some.
  [[nodiscard]] bool may_take(std::size_t index) const {
    int missing = 0;
    for (const Node& node : nodes_) missing += std::max(0, node.needed - node.groups);
    return fits(index) && (missing < left_ || nodes_[index].groups < nodes_[index].needed);
  }
  void take(std::size_t index, double load) {
    ++nodes_[index].groups;
    nodes_[index].load += load;
    --left_;
  }

 private:
  int size_;
  int left_;  // groups not bound yet
  std::vector<Node> nodes_;
};

std::vector<double> group_loads(const LayerProblem& problem) {
  std::vector<double> loads(static_cast<std::size_t>(problem.prepared->instance.model.groups), 0.0);
  for (std::size_t expert = 0; expert < problem.load.size(); ++expert) {
    loads[static_cast<std::size_t>(problem.prepared->group[expert])] += problem.load[expert];
  }
  return loads;
}

std::vector<int> spread_to_experts(const LayerProblem& problem, const std::vector<int>& node_of_group) {
  std::vector<int> home(problem.load.size());
  for (std::size_t expert = 0; expert < home.size(); ++expert) {
    home[expert] = node_of_group[static_cast<std::size_t>(problem.prepared->group[expert])];
  }
  return home;
}

}  // namespace

std::vector<LayerProblem> split_layers(const Prepared& prepared) {
  std::vector<LayerProblem> problems;
  for (int layer = 0; layer < prepared.layers; ++layer) {
    problems.push_back({&prepared, layer, prepared.load(layer), prepared.slots, {}, no_limit, {}});
  }
  if (prepared.memory_binds) hand_out_memory(prepared, problems);
  return problems;
}

bool bind_groups(const LayerProblem& problem, support::Random* random, std::vector<int>& home) {
  home.clear();
  const Prepared& prepared = *problem.prepared;
  if (!prepared.instance.keep_groups_on_a_node) return true;
  Nodes nodes(problem);
  const std::vector<double> loads = group_loads(problem);
  std::vector<double> key = loads;
  if (random != nullptr) {
    for (double& value : key) value *= 0.8 + 0.4 * random->uniform();
  }
  std::vector<std::size_t> order(loads.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return key[a] > key[b]; });
  std::vector<int> node_of_group(loads.size(), -1);
  for (const std::size_t group : order) {
    std::size_t best = nodes.count();
    double best_key = 0;
    for (std::size_t index = 0; index < nodes.count(); ++index) {
      if (!nodes.may_take(index)) continue;
      const double ends = (nodes.at(index).load + loads[group]) / nodes.at(index).speed;
      if (best == nodes.count() || ends < best_key) {
        best = index;
        best_key = ends;
      }
    }
    if (best == nodes.count()) return false;
    nodes.take(best, loads[group]);
    node_of_group[group] = static_cast<int>(best);
  }
  home = spread_to_experts(problem, node_of_group);
  return true;
}

bool bind_groups_as_standing(const LayerProblem& problem, std::vector<int>& home) {
  home.clear();
  const Prepared& prepared = *problem.prepared;
  if (!prepared.instance.keep_groups_on_a_node) return true;
  const auto groups = static_cast<std::size_t>(prepared.instance.model.groups);
  Nodes nodes(problem);
  // Pairs of expert and device that stand already, by group and node.
  std::vector<std::vector<int>> present(groups, std::vector<int>(nodes.count(), 0));
  for (int expert = 0; expert < prepared.experts; ++expert) {
    const auto group = static_cast<std::size_t>(prepared.group[static_cast<std::size_t>(expert)]);
    for (int device = 0; device < prepared.devices; ++device) {
      const auto node = static_cast<std::size_t>(prepared.node[static_cast<std::size_t>(device)]);
      present[group][node] += problem.stood(expert, device) ? 1 : 0;
    }
  }
  // The pairs of group and node that save most moves first.
  std::vector<std::tuple<int, std::size_t, std::size_t>> pairs;
  for (std::size_t group = 0; group < groups; ++group) {
    for (std::size_t node = 0; node < nodes.count(); ++node) pairs.emplace_back(-present[group][node], group, node);
  }
  std::sort(pairs.begin(), pairs.end());
  std::vector<int> node_of_group(groups, -1);
  for (const auto& [saved, group, node] : pairs) {
    if (node_of_group[group] >= 0 || !nodes.may_take(node)) continue;
    node_of_group[group] = static_cast<int>(node);
    nodes.take(node, 0.0);
  }
  if (std::find(node_of_group.begin(), node_of_group.end(), -1) != node_of_group.end()) return false;
  home = spread_to_experts(problem, node_of_group);
  return true;
}

bool rebind_groups(const LayerProblem& problem, support::Random& random, std::vector<int>& home) {
  const Prepared& prepared = *problem.prepared;
  const auto groups = static_cast<std::size_t>(prepared.instance.model.groups);
  const auto size = static_cast<std::size_t>(prepared.experts) / groups;
  std::vector<int> node_of_group(groups);
  Nodes nodes(problem);
  for (std::size_t group = 0; group < groups; ++group) {
    node_of_group[group] = home[group * size];
    nodes.take(static_cast<std::size_t>(node_of_group[group]), 0.0);
  }
  for (int attempt = 0; attempt < 32; ++attempt) {
    const std::size_t group = random.below(groups);
    const auto from = static_cast<std::size_t>(node_of_group[group]);
    if (random.below(2) == 0) {
      const std::size_t other = random.below(groups);
      if (node_of_group[other] == node_of_group[group]) continue;
      std::swap(node_of_group[group], node_of_group[other]);
    } else {
      const std::size_t to = random.below(nodes.count());
      if (to == from || !nodes.fits(to) || nodes.at(from).groups <= nodes.at(from).needed) continue;
      node_of_group[group] = static_cast<int>(to);
    }
    home = spread_to_experts(problem, node_of_group);
    return true;
  }
  return false;
}

}  // namespace plimsoll::experts
