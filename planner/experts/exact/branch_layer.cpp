#include "planner/experts/exact/branch_layer.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

#include "planner/experts/exact/branch_core.hpp"
#include "planner/experts/search/token_flow.hpp"

namespace plimsoll::experts {
namespace {

std::vector<int> usable_devices(const LayerProblem& problem, int node) {
  std::vector<int> devices;
  for (int device = 0; device < problem.devices(); ++device) {
    const auto d = static_cast<std::size_t>(device);
    if (problem.capacity[d] > 0 && (node < 0 || problem.prepared->node[d] == node)) devices.push_back(device);
  }
  return devices;
}

class Branch {
 public:
  Branch(const LayerProblem& problem, double cutoff, std::uint64_t work_limit, const support::Meter& meter)
      : problem_(problem), cutoff_(cutoff), budget_(work_limit, meter) {}

  BranchResult run() {
    BranchResult result;
    const bool grouped = problem_.prepared->instance.keep_groups_on_a_node;
    const Found found = grouped ? bind_groups() : search_whole(problem_);

    result.complete = found == Found::nothing;
    if (result.complete && std::isfinite(cutoff_)) result.bound = cutoff_ * (1 - exact_margin);
    result.plan = std::move(best_);
    result.work = budget_.used();
    return result;
  }

 private:
  Found find(const BranchPart& part, std::vector<Replica>& replicas) {
    if (cutoff_ <= 0) return Found::nothing;  // no plan takes less than no time
    return part.problem->prepared->even ? find_even(part, cutoff_, budget_, replicas)
                                        : find_weighted(part, cutoff_, budget_, replicas);
  }

  // Better and better plans, until there is none.
  Found search_whole(const LayerProblem& problem) {
    BranchPart part{&problem, {}, usable_devices(problem, -1)};
    part.experts.resize(static_cast<std::size_t>(problem.experts()));
    std::iota(part.experts.begin(), part.experts.end(), 0);
    part.sort_experts();
    for (;;) {
      std::vector<Replica> replicas;
      const Found found = find(part, replicas);
      if (found != Found::plan) return found;
      keep(std::move(replicas));
    }
  }

  void keep(std::vector<Replica> replicas) {
    LayerPlan plan;
    plan.replicas = std::move(replicas);
    plan.feasible = true;
    plan.seconds = settle(plan.replicas);
    BranchPart part;
    part.problem = &problem_;
    std::set<std::pair<int, int>> pairs;
    double score = plan.seconds;
    for (const Replica& replica : plan.replicas) {
      pairs.emplace(replica.expert, replica.device);
      score += part.replica_price(replica.device);
    }
    for (const auto& [expert, device] : pairs) {
      if (!problem_.prepared->has_placement() || problem_.stood(expert, device)) continue;
      ++plan.moves;
      score += part.move_price(device);
    }
    // What was found is below the cutoff; rounding must not turn that into an endless loop.
    cutoff_ = std::min(score, cutoff_ * (1 - exact_margin));
    best_ = std::move(plan);
  }

  // The largest device time; weighted: after the best shares for the replicas that serve tokens.
  double settle(std::vector<Replica>& replicas) {
    const Prepared& prepared = *problem_.prepared;
    if (prepared.even) return even_layer_seconds(problem_, replicas);
    const auto idle = std::stable_partition(replicas.begin(), replicas.end(),
                                            [](const Replica& replica) { return replica.tokens > 0; });
    std::vector<Replica> serving(replicas.begin(), idle);
    std::vector<double> load(problem_.load.size(), 0.0);
    for (const Replica& replica : serving) {
      const auto expert = static_cast<std::size_t>(replica.expert);
      load[expert] = problem_.load[expert];
    }
    if (!serving.empty()) budget_.spend(flow_work * solve_shares(prepared, load, serving).work);
    std::copy(serving.begin(), serving.end(), replicas.begin());
    std::vector<double> seconds(static_cast<std::size_t>(problem_.devices()), 0.0);
    double latest = 0;
    for (const Replica& replica : serving) {
      double& sum = seconds[static_cast<std::size_t>(replica.device)];
      sum += prepared.curve.seconds(replica.tokens);
      latest = std::max(latest, sum / prepared.speed(replica.device));
    }
    return latest;
  }

  // Every assignment of groups to nodes. Without moves and prices to add up, nodes are then decided one by one, and
  // what was decided for one set of groups holds wherever that set meets a node of the same kind.
  Found bind_groups() {
    const Prepared& prepared = *problem_.prepared;
    const auto groups = static_cast<std::size_t>(prepared.instance.model.groups);
    group_load_.assign(groups, 0.0);
    for (std::size_t expert = 0; expert < problem_.load.size(); ++expert) {
      group_load_[static_cast<std::size_t>(prepared.group[expert])] += problem_.load[expert];
    }
    order_.resize(groups);
    std::iota(order_.begin(), order_.end(), 0);
    std::stable_sort(order_.begin(), order_.end(), [&](int a, int b) {
      return group_load_[static_cast<std::size_t>(a)] > group_load_[static_cast<std::size_t>(b)];
    });
    nodes_.resize(static_cast<std::size_t>(prepared.nodes));
    for (int node = 0; node < prepared.nodes; ++node) {
      Node& at = nodes_[static_cast<std::size_t>(node)];
      at.devices = usable_devices(problem_, node);
      for (const int device : at.devices) {
        at.kind.emplace_back(prepared.speed(device), problem_.capacity[static_cast<std::size_t>(device)]);
        at.slots += at.kind.back().second;
        at.speed += at.kind.back().first;
      }
    }
    return bind(0);
  }

  Found bind(std::size_t index) {
    if (!budget_.spend()) return Found::gave_up;
    if (index == order_.size()) return nodes_add_up() ? search_bound() : search_nodes();
    const int group = order_[index];
    const Prepared& prepared = *problem_.prepared;
    const int size = prepared.experts / prepared.instance.model.groups;
    const double work = prepared.curve.least_rate() * group_load_[static_cast<std::size_t>(group)];
    for (std::size_t n = 0; n < nodes_.size(); ++n) {
      Node& node = nodes_[n];
      const int used = static_cast<int>(node.groups.size()) * size;
      if (used + size > node.slots || node.work + work > cutoff_ * node.speed) continue;
      if (node.groups.empty() && !nodes_add_up() && like_an_empty_one_before(n)) continue;
      node.groups.push_back(group);
      node.work += work;
      const Found found = bind(index + 1);
      node.work -= work;
      node.groups.pop_back();
      if (found == Found::gave_up) return found;
    }
    return Found::nothing;
  }

  // Moves and prices add up over the nodes, so that a node alone says nothing.
  [[nodiscard]] bool nodes_add_up() const {
    return problem_.prepared->moves_matter() || !problem_.replica_price.empty();
  }

  [[nodiscard]] bool like_an_empty_one_before(std::size_t n) const {
    for (std::size_t other = 0; other < n; ++other) {
      if (nodes_[other].groups.empty() && nodes_[other].kind == nodes_[n].kind) return true;
    }
    return false;
  }

  [[nodiscard]] LayerProblem bound_problem() const {
    const Prepared& prepared = *problem_.prepared;
    LayerProblem bound = problem_;
    bound.home.assign(static_cast<std::size_t>(prepared.experts), 0);
    for (std::size_t n = 0; n < nodes_.size(); ++n) {
      for (int expert = 0; expert < prepared.experts; ++expert) {
        const auto e = static_cast<std::size_t>(expert);
        const auto& groups = nodes_[n].groups;
        if (std::find(groups.begin(), groups.end(), prepared.group[e]) != groups.end()) {
          bound.home[e] = static_cast<int>(n);
        }
      }
    }
    return bound;
  }

  Found search_bound() {
    const LayerProblem bound = bound_problem();
    return search_whole(bound);
  }

  Found search_nodes() {
    const LayerProblem bound = bound_problem();
    for (;;) {
      std::vector<Replica> all;
      for (std::size_t n = 0; n < nodes_.size(); ++n) {
        const Found found = search_node(bound, n, all);
        if (found != Found::plan) return found;
      }
      keep(std::move(all));
    }
  }

  // Adds a plan below the cutoff for the groups of one node. The cutoff only falls: what failed once has failed.
  Found search_node(const LayerProblem& bound, std::size_t n, std::vector<Replica>& all) {
    const Node& node = nodes_[n];
    auto [known, fresh] = decided_.try_emplace({kind_of(n), sorted(node.groups)});
    Decided& decided = known->second;
    if (decided.failed) return Found::nothing;
    if (fresh || decided.seconds >= cutoff_ * (1 - exact_margin)) {
      BranchPart part{&bound, {}, node.devices};
      for (int expert = 0; expert < problem_.experts(); ++expert) {
        if (bound.home[static_cast<std::size_t>(expert)] == static_cast<int>(n)) part.experts.push_back(expert);
      }
      part.sort_experts();
      std::vector<Replica> replicas;
      const Found found = find(part, replicas);
      decided.failed = found == Found::nothing;
      if (found == Found::gave_up) decided_.erase(known);
      if (found != Found::plan) return found;
      std::vector<Replica> settled = replicas;
      decided.seconds = settle(settled);
      decided.replicas = std::move(replicas);
      for (Replica& replica : decided.replicas) {
        replica.device = static_cast<int>(std::find(node.devices.begin(), node.devices.end(), replica.device) -
                                          node.devices.begin());
      }
    }
    for (const Replica& replica : decided.replicas) {
      all.push_back({replica.expert, node.devices[static_cast<std::size_t>(replica.device)], replica.tokens});
    }
    return Found::plan;
  }

  // The first node whose devices are the same ones in the same order.
  [[nodiscard]] std::size_t kind_of(std::size_t n) const {
    for (std::size_t other = 0; other < n; ++other) {
      if (nodes_[other].kind == nodes_[n].kind) return other;
    }
    return n;
  }

  static std::vector<int> sorted(std::vector<int> values) {
    std::sort(values.begin(), values.end());
    return values;
  }

  // What is known about a set of groups on a kind of node; devices by position.
  struct Decided {
    bool failed = false;
    double seconds = 0;
    std::vector<Replica> replicas;
  };
  struct Node {
    std::vector<int> devices;
    std::vector<std::pair<double, int>> kind;  // speed and slots of the devices
    int slots = 0;
    double speed = 0;
    double work = 0;
    std::vector<int> groups;
  };

  const LayerProblem& problem_;
  double cutoff_;
  BranchBudget budget_;
  LayerPlan best_;
  std::vector<double> group_load_;
  std::vector<int> order_;
  std::vector<Node> nodes_;
  std::map<std::pair<std::size_t, std::vector<int>>, Decided> decided_;
};

}  // namespace

std::string branch_refusal(const LayerProblem& problem) {
  const Prepared& prepared = *problem.prepared;
  if (prepared.even) return {};
  if (prepared.curve.table()) return "a table (cost.expert_seconds) under weighted dispatch";
  const bool by_node = prepared.instance.keep_groups_on_a_node && !prepared.moves_matter() && !prepared.memory_binds;
  for (int node = by_node ? 0 : -1; node < (by_node ? prepared.nodes : 0); ++node) {
    const std::size_t devices = usable_devices(problem, node).size();
    if (devices > most_weighted_devices) {
      return "weighted dispatch over " + std::to_string(devices) + " devices (at most " +
             std::to_string(most_weighted_devices) + ")";
    }
  }
  return {};
}

BranchResult branch(const LayerProblem& problem, double cutoff, std::uint64_t work_limit, const support::Meter& meter) {
  return Branch(problem, cutoff, work_limit, meter).run();
}

}  // namespace plimsoll::experts
