#include "planner/experts/search/level_layer.hpp"

#include <algorithm>
#include <numeric>
#include <span>

#include "planner/experts/search/construct.hpp"
#include "planner/experts/search/exchange.hpp"
#include "planner/experts/search/split.hpp"

namespace plimsoll::experts {
namespace {

// Devices between which replicas may go: those of a node where groups are kept there, else all. Without slots: none.
std::vector<std::vector<int>> pools_of(const LayerProblem& problem) {
  std::vector<std::vector<int>> pools(problem.home.empty() ? 1 : static_cast<std::size_t>(problem.prepared->nodes));
  for (int device = 0; device < problem.devices(); ++device) {
    const auto d = static_cast<std::size_t>(device);
    if (problem.capacity[d] == 0) continue;
    pools[problem.home.empty() ? 0 : static_cast<std::size_t>(problem.prepared->node[d])].push_back(device);
  }
  return pools;
}

// Groups change places between nodes until the fullest node cannot be relieved so.
void level_groups(LayerProblem& problem, std::uint64_t work_limit, std::uint64_t& work) {
  const Prepared& prepared = *problem.prepared;
  const auto groups = static_cast<std::size_t>(prepared.instance.model.groups);
  const std::size_t size = problem.load.size() / groups;
  // A group on a node with more slots is not as heavy there; exchanges know one weight alone.
  std::vector<int> slots(static_cast<std::size_t>(prepared.nodes), 0);
  for (int device = 0; device < problem.devices(); ++device) {
    const auto d = static_cast<std::size_t>(device);
    slots[static_cast<std::size_t>(prepared.node[d])] += problem.capacity[d];
  }
  if (std::adjacent_find(slots.begin(), slots.end(), std::not_equal_to<>()) != slots.end()) return;
  std::vector<double> weight(groups, 0.0);
  std::vector<std::vector<int>> on(slots.size());
  for (std::size_t group = 0; group < groups; ++group) {
    for (std::size_t k = 0; k < size; ++k) weight[group] += problem.load[group * size + k];
    on[static_cast<std::size_t>(problem.home[group * size])].push_back(static_cast<int>(group));
  }
  const double goal = std::accumulate(weight.begin(), weight.end(), 0.0) / static_cast<double>(on.size());
  Exchange exchange(weight, std::move(on));
  exchange.level(goal, work_limit, work);
  for (std::size_t node = 0; node < exchange.bins().size(); ++node) {
    for (const int group : exchange.bins()[node]) {
      const auto first = problem.home.begin() + static_cast<std::ptrdiff_t>(static_cast<std::size_t>(group) * size);
      std::fill_n(first, size, static_cast<int>(node));
    }
  }
}

// Longest first to the device that ends earliest, a second copy on a device as the last resort. [pool] of replicas.
void place(const LayerProblem& problem, std::span<const int> pool, std::span<const int> pieces, LayerPlan& plan,
           std::span<const double> seconds, std::vector<std::vector<int>>& bins) {
  std::vector<double> busy(pool.size(), 0.0);
  std::vector<int> last(pool.size(), -1);  // copies of an expert follow each other
  for (const int piece : pieces) {
    Replica& replica = plan.replicas[static_cast<std::size_t>(piece)];
    std::size_t best = pool.size();
    for (std::size_t k = 0; k < pool.size(); ++k) {
      if (static_cast<int>(bins[k].size()) == problem.capacity[static_cast<std::size_t>(pool[k])]) continue;
      if (best == pool.size()) {
        best = k;
        continue;
      }
      const bool again = last[k] == replica.expert;
      const bool best_again = last[best] == replica.expert;
      if (again != best_again ? best_again : busy[k] < busy[best]) best = k;
    }
    busy[best] += seconds[static_cast<std::size_t>(piece)];
    last[best] = replica.expert;
    bins[best].push_back(piece);
  }
}

void settle(std::span<const int> pool, const Exchange& exchange, LayerPlan& plan) {
  for (std::size_t k = 0; k < pool.size(); ++k) {
    for (const int piece : exchange.bins()[k]) plan.replicas[static_cast<std::size_t>(piece)].device = pool[k];
  }
  plan.seconds = std::max(plan.seconds, exchange.height());
}

// Nodes that cannot end by the goal need not be better than the mean of the fullest.
double reachable(const std::vector<std::vector<int>>& pools, const std::vector<double>& total, double goal) {
  for (std::size_t pool = 0; pool < pools.size(); ++pool) {
    if (!pools[pool].empty()) goal = std::max(goal, total[pool] / static_cast<double>(pools[pool].size()));
  }
  return goal;
}

std::size_t pool_of(const LayerProblem& problem, int expert) {
  return problem.home.empty() ? 0 : static_cast<std::size_t>(problem.home[static_cast<std::size_t>(expert)]);
}

}  // namespace

bool may_level(const Prepared& prepared) {
  const Cluster& cluster = prepared.instance.cluster;
  return prepared.curve.proportional() && !prepared.whole_tokens && !prepared.memory_binds && cluster.duplicates &&
         cluster.fill_slots && std::all_of(cluster.speed.begin(), cluster.speed.end(), [&](double speed) {
           return speed == cluster.speed.front();
         });
}

LayerPlan level_layer(LayerProblem& problem, double goal, std::uint64_t work_limit, std::uint64_t& work) {
  LayerPlan plan;
  if (!bind_groups(problem, nullptr, problem.home)) return plan;
  const std::uint64_t end = work + work_limit;
  if (!problem.home.empty()) level_groups(problem, end, work);
  const std::vector<int> counts = greedy_counts(problem);
  const std::vector<std::vector<int>> pools = pools_of(problem);
  std::vector<double> seconds;
  std::vector<double> total(pools.size(), 0.0);
  std::vector<std::vector<int>> pieces(pools.size());
  for (int expert = 0; expert < problem.experts(); ++expert) {
    const auto e = static_cast<std::size_t>(expert);
    const double tokens = problem.load[e] / counts[e];
    for (int copy = 0; copy < counts[e]; ++copy) {
      pieces[pool_of(problem, expert)].push_back(static_cast<int>(plan.replicas.size()));
      plan.replicas.push_back({expert, -1, tokens});
      seconds.push_back(problem.prepared->curve.seconds(tokens));
      total[pool_of(problem, expert)] += seconds.back();
    }
  }
  goal = reachable(pools, total, goal);
  for (std::size_t pool = 0; pool < pools.size(); ++pool) {
    std::stable_sort(pieces[pool].begin(), pieces[pool].end(), [&](int a, int b) {
      return seconds[static_cast<std::size_t>(a)] > seconds[static_cast<std::size_t>(b)];
    });
    std::vector<std::vector<int>> bins(pools[pool].size());
    place(problem, pools[pool], pieces[pool], plan, seconds, bins);
    work += pieces[pool].size() * pools[pool].size();
    Exchange exchange(seconds, std::move(bins));
    exchange.level(goal, end, work);
    settle(pools[pool], exchange, plan);
  }
  plan.seconds /= problem.prepared->speed(0);
  plan.feasible = true;
  return plan;
}

void level_replicas(const LayerProblem& problem, double goal, std::uint64_t work_limit, std::uint64_t& work,
                    LayerPlan& plan) {
  const std::vector<std::vector<int>> pools = pools_of(problem);
  std::vector<double> seconds;
  std::vector<std::vector<int>> held(static_cast<std::size_t>(problem.devices()));
  std::vector<double> total(pools.size(), 0.0);
  for (const Replica& replica : plan.replicas) {
    held[static_cast<std::size_t>(replica.device)].push_back(static_cast<int>(seconds.size()));
    seconds.push_back(problem.prepared->curve.seconds(replica.tokens));
    total[pool_of(problem, replica.expert)] += seconds.back();
  }
  const std::uint64_t end = work + work_limit;
  goal = reachable(pools, total, goal);
  plan.seconds = 0;
  for (const std::vector<int>& pool : pools) {
    std::vector<std::vector<int>> bins;
    for (const int device : pool) bins.push_back(held[static_cast<std::size_t>(device)]);
    Exchange exchange(seconds, std::move(bins));
    exchange.level(goal, end, work);
    settle(pool, exchange, plan);
  }
  plan.seconds /= problem.prepared->speed(0);
}

}  // namespace plimsoll::experts
