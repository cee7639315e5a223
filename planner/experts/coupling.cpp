#include "planner/experts/coupling.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <memory>
#include <queue>
#include <set>

#include "planner/experts/branch_core.hpp"

namespace plimsoll::experts {
namespace {

using Amounts = std::vector<std::int64_t>;  // [resources]

// Moves in all, moves to a device, replicas on a device.
struct Resource {
  enum class Kind { moves, device_moves, replicas };
  Kind kind;
  std::size_t device;
  std::int64_t limit;
};

std::vector<Resource> shared_resources(const Prepared& prepared) {
  std::vector<Resource> resources;
  const auto& limits = prepared.instance.limits;
  if (limits.max_moves) resources.push_back({Resource::Kind::moves, 0, *limits.max_moves});
  for (std::size_t d = 0; d < prepared.slots.size(); ++d) {
    if (prepared.slots[d] == 0) continue;
    if (limits.max_moves_per_device) {
      resources.push_back({Resource::Kind::device_moves, d, *limits.max_moves_per_device});
    }
    const auto most = static_cast<std::int64_t>(prepared.slots[d]) * prepared.layers;
    if (prepared.memory_replicas[d] < most) {
      resources.push_back({Resource::Kind::replicas, d, prepared.memory_replicas[d]});
    }
  }
  return resources;
}

struct Node {
  double bound = 0;
  std::uint64_t serial = 0;
  std::vector<Amounts> caps;    // [layers]
  std::vector<Amounts> floors;  // [layers] what a layer is taken to use at the least
  std::vector<std::shared_ptr<const ExactLayer>> layers;
};

struct Later {
  bool operator()(const std::shared_ptr<Node>& a, const std::shared_ptr<Node>& b) const {
    return a->bound != b->bound ? a->bound > b->bound : a->serial > b->serial;
  }
};

class Coupling {
 public:
  Coupling(const Prepared& prepared, const std::vector<double>& bounds, double cutoff, std::uint64_t seed,
           std::uint64_t work_limit, std::uint64_t layer_work, const support::Meter& meter,
           const std::function<void(const std::vector<LayerPlan>&)>& found)
      : prepared_(prepared),
        bounds_(bounds),
        cutoff_(cutoff),
        seed_(seed),
        work_limit_(work_limit),
        layer_work_(layer_work),
        meter_(meter),
        found_(found),
        resources_(shared_resources(prepared)),
        known_(static_cast<std::size_t>(prepared.layers)) {}

  CouplingResult run() {
    add_root();
    double stuck = std::numeric_limits<double>::infinity();  // nodes that are neither solved nor divisible
    while (!queue_.empty() && queue_.top()->bound < target()) {
      if (work_ >= work_limit_ || meter_.urgent()) break;
      const std::shared_ptr<Node> node = queue_.top();
      queue_.pop();
      const std::size_t broken = most_exceeded(*node);
      if (broken < resources_.size()) {
        divide(*node, broken);
        continue;
      }
      offer(*node);
      const bool solved =
          std::all_of(node->layers.begin(), node->layers.end(), [](const auto& layer) { return layer->complete; });
      if (!solved) stuck = std::min(stuck, node->bound);
    }
    CouplingResult result;
    result.work = work_;
    result.bound = std::min(stuck, queue_.empty() ? std::numeric_limits<double>::infinity() : queue_.top()->bound);
    result.complete = result.bound >= target();
    if (std::isfinite(cutoff_)) result.bound = std::min(result.bound, target());
    return result;
  }

 private:
  [[nodiscard]] double target() const { return cutoff_ * (1 - exact_margin); }

  void add_root() {
    auto root = std::make_shared<Node>();
    Amounts limits;
    for (const Resource& resource : resources_) limits.push_back(resource.limit);
    root->caps.assign(static_cast<std::size_t>(prepared_.layers), limits);
    root->floors.assign(root->caps.size(), Amounts(resources_.size(), 0));
    root->layers.resize(root->caps.size());
    add(std::move(root));
  }

  // Solves the layers whose plan is not known to stand, and queues the node.
  void add(std::shared_ptr<Node> node) {
    node->bound = 0;
    for (std::size_t layer = 0; layer < node->layers.size(); ++layer) {
      auto& solved = node->layers[layer];
      if (!solved || !within(*solved, layer, node->caps[layer])) solved = solve(layer, node->caps[layer], solved.get());
      node->bound += solved->bound;
    }
    if (!(node->bound < target())) return;
    node->serial = serial_++;
    queue_.push(std::move(node));
  }

  // An optimal plan under looser caps that keeps to the new ones is optimal under them too.
  [[nodiscard]] bool within(const ExactLayer& solved, std::size_t layer, const Amounts& caps) const {
    if (!solved.plan.feasible) return solved.complete;
    const Amounts use = use_of(solved.plan, layer);
    for (std::size_t r = 0; r < caps.size(); ++r) {
      if (use[r] > caps[r]) return false;
    }
    return true;
  }

  std::shared_ptr<const ExactLayer> solve(std::size_t layer, const Amounts& caps, const ExactLayer* looser) {
    auto& known = known_[layer][caps];
    if (known) return known;
    LayerProblem problem{
        &prepared_, static_cast<int>(layer), prepared_.load(static_cast<int>(layer)), prepared_.slots, {}, no_limit,
        {}};
    for (std::size_t r = 0; r < resources_.size(); ++r) {
      const Resource& resource = resources_[r];
      if (resource.kind == Resource::Kind::moves) {
        problem.move_limit = caps[r];
      } else if (resource.kind == Resource::Kind::device_moves) {
        problem.device_move_limit.resize(prepared_.slots.size(), no_limit);
        problem.device_move_limit[resource.device] = caps[r];
      } else {
        int& capacity = problem.capacity[resource.device];
        capacity = static_cast<int>(std::min<std::int64_t>(capacity, caps[r]));
      }
    }
    const double bound = std::max(bounds_[layer], looser != nullptr ? looser->bound : 0.0);
    known = std::make_shared<const ExactLayer>(solve_exactly(problem, bound, seed_, layer_work_, meter_));
    work_ += known->work;
    return known;
  }

  [[nodiscard]] Amounts use_of(const LayerPlan& plan, std::size_t layer) const {
    std::vector<std::int64_t> replicas(prepared_.slots.size(), 0);
    std::vector<std::int64_t> moves(prepared_.slots.size(), 0);
    std::set<std::pair<int, int>> pairs;
    for (const Replica& replica : plan.replicas) {
      ++replicas[static_cast<std::size_t>(replica.device)];
      pairs.emplace(replica.expert, replica.device);
    }
    std::int64_t total = 0;
    for (const auto& [expert, device] : pairs) {
      if (!prepared_.has_placement() || prepared_.stood(static_cast<int>(layer), expert, device)) continue;
      ++moves[static_cast<std::size_t>(device)];
      ++total;
    }
    Amounts use;
    for (const Resource& resource : resources_) {
      use.push_back(resource.kind == Resource::Kind::moves          ? total
                    : resource.kind == Resource::Kind::device_moves ? moves[resource.device]
                                                                    : replicas[resource.device]);
    }
    return use;
  }

  // The resource of which the layers together use most beyond its limit; the number of resources where none is.
  [[nodiscard]] std::size_t most_exceeded(const Node& node) const {
    Amounts sum(resources_.size(), 0);
    for (std::size_t layer = 0; layer < node.layers.size(); ++layer) {
      if (!node.layers[layer]->plan.feasible) return resources_.size();
      const Amounts use = use_of(node.layers[layer]->plan, layer);
      for (std::size_t r = 0; r < use.size(); ++r) sum[r] += use[r];
    }
    std::size_t worst = resources_.size();
    std::int64_t most = 0;
    for (std::size_t r = 0; r < sum.size(); ++r) {
      const std::int64_t excess = sum[r] - resources_[r].limit;
      if (excess > most) {
        most = excess;
        worst = r;
      }
    }
    return worst;
  }

  void divide(const Node& node, std::size_t r) {
    // The layer that uses most beyond what it is known to use.
    std::size_t chosen = 0;
    std::int64_t most = -1;
    std::int64_t used = 0;
    for (std::size_t layer = 0; layer < node.layers.size(); ++layer) {
      const std::int64_t use = use_of(node.layers[layer]->plan, layer)[r];
      if (use - node.floors[layer][r] <= most) continue;
      most = use - node.floors[layer][r];
      chosen = layer;
      used = use;
    }
    auto less = std::make_shared<Node>(node);
    less->caps[chosen][r] = used - 1;
    if (less->caps[chosen][r] >= less->floors[chosen][r]) add(std::move(less));
    auto more = std::make_shared<Node>(node);
    more->floors[chosen][r] = used;
    std::int64_t promised = 0;
    for (const Amounts& floor : more->floors) promised += floor[r];
    for (std::size_t layer = 0; layer < more->caps.size(); ++layer) {
      std::int64_t& cap = more->caps[layer][r];
      cap = std::min(cap, resources_[r].limit - (promised - more->floors[layer][r]));
      if (cap < more->floors[layer][r]) return;
    }
    add(std::move(more));
  }

  void offer(const Node& node) {
    std::vector<LayerPlan> plans;
    double score = 0;
    for (const auto& layer : node.layers) {
      if (!layer->plan.feasible) return;
      plans.push_back(layer->plan);
      score += layer->score;
    }
    if (!(score < target())) return;
    cutoff_ = score;
    found_(plans);
  }

  const Prepared& prepared_;
  const std::vector<double>& bounds_;
  double cutoff_;
  std::uint64_t seed_;
  std::uint64_t work_limit_;
  std::uint64_t layer_work_;
  const support::Meter& meter_;
  const std::function<void(const std::vector<LayerPlan>&)>& found_;
  std::vector<Resource> resources_;
  std::vector<std::map<Amounts, std::shared_ptr<const ExactLayer>>> known_;  // [layers] solved under these caps
  std::priority_queue<std::shared_ptr<Node>, std::vector<std::shared_ptr<Node>>, Later> queue_;
  std::uint64_t serial_ = 0;
  std::uint64_t work_ = 0;
};

}  // namespace

bool layers_are_coupled(const Prepared& prepared) { return !shared_resources(prepared).empty(); }

CouplingResult couple(const Prepared& prepared, const std::vector<double>& bounds, double cutoff, std::uint64_t seed,
                      std::uint64_t work_limit, std::uint64_t layer_work, const support::Meter& meter,
                      const std::function<void(const std::vector<LayerPlan>&)>& found) {
  return Coupling(prepared, bounds, cutoff, seed, work_limit, layer_work, meter, found).run();
}

}  // namespace plimsoll::experts
