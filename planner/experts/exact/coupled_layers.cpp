#include "planner/experts/exact/coupled_layers.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <set>

#include "planner/experts/exact/branch_layer.hpp"

namespace plimsoll::experts {
namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();

}  // namespace

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

CoupledLayers::CoupledLayers(const Prepared& prepared, std::vector<double> bounds, std::uint64_t seed,
                             std::uint64_t layer_work, const support::Meter& meter)
    : prepared_(prepared),
      bounds_(std::move(bounds)),
      seed_(seed),
      layer_work_(layer_work),
      meter_(meter),
      resources_(shared_resources(prepared)),
      pools_(static_cast<std::size_t>(prepared.layers)) {}

LayerProblem CoupledLayers::problem_of(std::size_t layer, const Amounts& caps, const Prices& prices) const {
  LayerProblem problem;
  problem.prepared = &prepared_;
  problem.layer = static_cast<int>(layer);
  problem.load = prepared_.load(problem.layer);
  problem.capacity = prepared_.slots;
  const std::size_t devices = prepared_.slots.size();
  if (!prices.empty()) {
    problem.replica_price.assign(devices, 0.0);
    problem.move_price.assign(devices, 0.0);
  }
  for (std::size_t r = 0; r < resources_.size(); ++r) {
    const Resource& resource = resources_[r];
    const double price = prices.empty() ? 0.0 : prices[r];
    switch (resource.kind) {
      case Resource::Kind::moves:
        problem.move_limit = caps[r];
        for (double& each : problem.move_price) each += price;
        break;
      case Resource::Kind::device_moves:
        problem.device_move_limit.resize(devices, no_limit);
        problem.device_move_limit[resource.device] = caps[r];
        if (!prices.empty()) problem.move_price[resource.device] += price;
        break;
      case Resource::Kind::replicas:
        int& capacity = problem.capacity[resource.device];
        capacity = static_cast<int>(std::min<std::int64_t>(capacity, caps[r]));
        if (!prices.empty()) problem.replica_price[resource.device] += price;
        break;
    }
  }
  return problem;
}

Amounts CoupledLayers::use_of(std::size_t layer, const LayerPlan& plan) const {
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

const CoupledPlan* CoupledLayers::keep(std::size_t layer, LayerPlan plan) {
  auto kept = std::make_unique<CoupledPlan>();
  kept->use = use_of(layer, plan);
  LayerProblem problem;
  problem.prepared = &prepared_;
  problem.layer = static_cast<int>(layer);
  problem.load = prepared_.load(problem.layer);
  kept->score = layer_score(problem, plan);
  kept->plan = std::move(plan);
  pools_[layer].plans.push_back(std::move(kept));
  return pools_[layer].plans.back().get();
}

double CoupledLayers::priced(const CoupledPlan& plan, const Prices& prices) const {
  double sum = plan.score;
  for (std::size_t r = 0; r < prices.size(); ++r) sum += prices[r] * static_cast<double>(plan.use[r]);
  return sum;
}

const CoupledPlan* CoupledLayers::cheapest(std::size_t layer, const Amounts& caps, const Prices& prices) const {
  const CoupledPlan* best = nullptr;
  for (const auto& plan : pools_[layer].plans) {
    bool within = true;
    for (std::size_t r = 0; r < caps.size(); ++r) within = within && plan->use[r] <= caps[r];
    if (within && (best == nullptr || priced(*plan, prices) < priced(*best, prices))) best = plan.get();
  }
  return best;
}

// Every expert needs a replica: the cheapest slots.
double CoupledLayers::least_price(const LayerProblem& problem) const {
  std::vector<double> slots;
  for (std::size_t d = 0; d < problem.replica_price.size(); ++d) {
    slots.insert(slots.end(), static_cast<std::size_t>(problem.capacity[d]), problem.replica_price[d]);
  }
  std::sort(slots.begin(), slots.end());
  slots.resize(std::min(slots.size(), static_cast<std::size_t>(prepared_.experts)));
  return std::accumulate(slots.begin(), slots.end(), 0.0);
}

CoupledAnswer CoupledLayers::solve(std::size_t layer, const Amounts& caps, const Prices& prices) {
  const auto [place, fresh] = pools_[layer].known.try_emplace({caps, prices});
  CoupledAnswer& answer = place->second;
  if (!fresh) return answer;
  const LayerProblem problem = problem_of(layer, caps, prices);
  answer.bound = bounds_[layer] + least_price(problem);
  answer.best = cheapest(layer, caps, prices);
  if (answer.best == nullptr) {
    BriefSearch first = search_briefly(problem, bounds_[layer], seed_, meter_);
    work_ += first.work;
    if (first.plan.feasible) answer.best = keep(layer, std::move(first.plan));
  }
  const double cutoff = answer.best != nullptr ? priced(*answer.best, prices) : infinite;
  if (cutoff <= answer.bound * (1 + 1e-12)) {
    answer.complete = true;
    return answer;
  }
  if (!branch_refusal(problem).empty()) return answer;
  BranchResult result = branch(problem, cutoff, layer_work_ / branch_work, meter_);
  work_ += branch_work * result.work;
  if (result.plan.feasible) answer.best = keep(layer, std::move(result.plan));
  if (result.complete) {
    answer.complete = true;
    answer.bound = std::max(answer.bound, answer.best != nullptr ? result.bound : infinite);
  }
  return answer;
}

}  // namespace plimsoll::experts
