#include "planner/experts/exact/coupling.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <queue>

#include "planner/experts/exact/branch_core.hpp"
#include "planner/experts/exact/coupled_layers.hpp"

namespace plimsoll::experts {
namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();
constexpr int price_rounds = 30;

// The layers' plans under one set of caps and prices.
struct Joint {
  double bound = 0;
  bool complete = true;
  std::vector<const CoupledPlan*> plans;  // [layers]; a null pointer where none was found

  [[nodiscard]] bool has_plans() const { return std::find(plans.begin(), plans.end(), nullptr) == plans.end(); }
};

struct Node {
  double bound = 0;
  std::uint64_t serial = 0;
  std::vector<Amounts> caps;    // [layers]
  std::vector<Amounts> floors;  // [layers] what a layer is taken to use at the least
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
      : cutoff_(cutoff),
        work_limit_(work_limit),
        meter_(meter),
        found_(found),
        layers_(prepared, bounds, seed, layer_work, meter) {}

  CouplingResult run() {
    auto root = std::make_shared<Node>();
    Amounts limits;
    for (const Resource& resource : layers_.resources()) limits.push_back(resource.limit);
    root->caps.assign(layers_.count(), limits);
    root->floors.assign(layers_.count(), Amounts(limits.size(), 0));
    set_prices(*root);
    double stuck = infinite;  // nodes that are neither solved nor divisible
    queue_.push(std::move(root));
    while (!queue_.empty() && queue_.top()->bound < target() && !spent()) {
      const std::shared_ptr<Node> node = queue_.top();
      queue_.pop();
      stuck = std::min(stuck, decide(*node));
    }
    CouplingResult result;
    result.work = layers_.work();
    result.bound = std::min(stuck, queue_.empty() ? infinite : queue_.top()->bound);
    result.complete = result.bound >= target();
    if (std::isfinite(cutoff_)) result.bound = std::min(result.bound, target());
    return result;
  }

 private:
  [[nodiscard]] double target() const { return cutoff_ * (1 - exact_margin); }
  [[nodiscard]] bool spent() const { return layers_.work() >= work_limit_ || meter_.urgent(); }

  Joint solve(const Node& node, const Prices& prices) {
    Joint joint;
    for (std::size_t layer = 0; layer < layers_.count(); ++layer) {
      const CoupledAnswer answer = layers_.solve(layer, node.caps[layer], prices);
      joint.bound += answer.bound;
      joint.complete = joint.complete && answer.complete;
      joint.plans.push_back(answer.best);
    }
    for (std::size_t r = 0; r < prices.size(); ++r) {
      joint.bound -= prices[r] * static_cast<double>(layers_.resources()[r].limit);
    }
    return joint;
  }

  [[nodiscard]] Amounts excess_of(const Joint& joint) const {
    Amounts excess;
    for (std::size_t r = 0; r < layers_.resources().size(); ++r) {
      excess.push_back(-layers_.resources()[r].limit);
      for (const CoupledPlan* plan : joint.plans) excess[r] += plan->use[r];
    }
    return excess;
  }

  // Prices for the root by subgradient steps (Held, Wolfe and Crowder 1974) towards the best plan known, from the best
  // prices so far, shorter after each step that failed. The tree keeps them.
  void set_prices(Node& root) {
    Prices prices(layers_.resources().size(), 0.0);
    Amounts excess;
    double pace = 0.5;
    double best = -infinite;
    for (int round = 0; round < price_rounds && 3 * layers_.work() < work_limit_ && !spent(); ++round) {
      const Joint joint = solve(root, prices);
      if (!joint.has_plans()) return;
      offer(joint);
      if (joint.bound > best) {
        best = joint.bound;
        prices_ = prices;
        excess = excess_of(joint);
        root.bound = std::max(root.bound, best);
        pace = std::min(1.0, 1.3 * pace);
      } else {
        pace *= 0.4;
      }
      double length = 0;
      for (std::size_t r = 0; r < prices.size(); ++r) {
        if (excess[r] > 0 || prices_[r] > 0) length += static_cast<double>(excess[r] * excess[r]);
      }
      const double goal = std::isfinite(cutoff_) ? cutoff_ : best + 0.05 * std::abs(best);
      if (length == 0 || goal <= best) return;
      const double step = pace * (goal - best) / length;
      for (std::size_t r = 0; r < prices.size(); ++r) {
        prices[r] = std::max(0.0, prices_[r] + step * static_cast<double>(excess[r]));
      }
    }
  }

  // Solves a node or divides it; returns the bound of a node with which nothing can be done, else infinity.
  double decide(Node& node) {
    Joint joint;
    if (!prices_.empty()) {
      joint = solve(node, prices_);
      node.bound = std::max(node.bound, joint.bound);
      if (!(node.bound < target())) return infinite;
      if (joint.has_plans()) {
        offer(joint);
        if (divide(node, joint)) return infinite;
      }
    }
    // Prices leave a gap where plans keep within the limits; without prices there is none.
    joint = solve(node, {});
    node.bound = std::max(node.bound, joint.bound);
    if (!(node.bound < target())) return infinite;
    if (!joint.has_plans()) return node.bound;
    offer(joint);
    if (divide(node, joint)) return infinite;
    return joint.complete ? infinite : node.bound;
  }

  // Where the plans together exceed a limit: some layer uses less of it, or at least what it uses here, which leaves
  // less to the others. False where no limit is exceeded.
  bool divide(const Node& node, const Joint& joint) {
    const Amounts excess = excess_of(joint);
    const auto worst = std::max_element(excess.begin(), excess.end());
    if (*worst <= 0) return false;
    const auto r = static_cast<std::size_t>(worst - excess.begin());
    // The layer that uses most beyond what it is known to use.
    std::size_t chosen = 0;
    std::int64_t most = -1;
    for (std::size_t layer = 0; layer < joint.plans.size(); ++layer) {
      const std::int64_t beyond = joint.plans[layer]->use[r] - node.floors[layer][r];
      if (beyond <= most) continue;
      most = beyond;
      chosen = layer;
    }
    const std::int64_t used = joint.plans[chosen]->use[r];
    auto less = std::make_shared<Node>(node);
    less->caps[chosen][r] = used - 1;
    if (less->caps[chosen][r] >= less->floors[chosen][r]) add(std::move(less));
    auto more = std::make_shared<Node>(node);
    more->floors[chosen][r] = used;
    std::int64_t promised = 0;
    for (const Amounts& floor : more->floors) promised += floor[r];
    for (std::size_t layer = 0; layer < more->caps.size(); ++layer) {
      std::int64_t& cap = more->caps[layer][r];
      cap = std::min(cap, layers_.resources()[r].limit - (promised - more->floors[layer][r]));
      if (cap < more->floors[layer][r]) return true;
    }
    add(std::move(more));
    return true;
  }

  void add(std::shared_ptr<Node> node) {
    node->serial = serial_++;
    queue_.push(std::move(node));
  }

  void offer(const Joint& joint) {
    const Amounts excess = excess_of(joint);
    if (std::any_of(excess.begin(), excess.end(), [](std::int64_t amount) { return amount > 0; })) return;
    double score = 0;
    std::vector<LayerPlan> plans;
    for (const CoupledPlan* plan : joint.plans) {
      score += plan->score;
      plans.push_back(plan->plan);
    }
    if (!(score < target())) return;
    cutoff_ = score;
    found_(plans);
  }

  double cutoff_;
  std::uint64_t work_limit_;
  const support::Meter& meter_;
  const std::function<void(const std::vector<LayerPlan>&)>& found_;
  CoupledLayers layers_;
  Prices prices_;
  std::priority_queue<std::shared_ptr<Node>, std::vector<std::shared_ptr<Node>>, Later> queue_;
  std::uint64_t serial_ = 0;
};

}  // namespace

CouplingResult couple(const Prepared& prepared, const std::vector<double>& bounds, double cutoff, std::uint64_t seed,
                      std::uint64_t work_limit, std::uint64_t layer_work, const support::Meter& meter,
                      const std::function<void(const std::vector<LayerPlan>&)>& found) {
  return Coupling(prepared, bounds, cutoff, seed, work_limit, layer_work, meter, found).run();
}

}  // namespace plimsoll::experts
