#include "planner/experts/rebalance/settle.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "planner/experts/search/assemble.hpp"
#include "planner/experts/search/construct.hpp"
#include "planner/experts/search/even_search.hpp"
#include "planner/experts/search/level_layer.hpp"
#include "planner/experts/search/resplit.hpp"
#include "planner/experts/search/split.hpp"
#include "solvers/flow/matching.hpp"

namespace plimsoll::experts {
namespace {

// About what a step of a descent looks at.
constexpr std::uint64_t descent_step = 5'000;

// Pairs of expert and device that did not stand before.
std::int64_t moves_of(const LayerProblem& problem, const LayerPlan& plan) {
  std::vector<std::pair<int, int>> pairs;
  for (const Replica& replica : plan.replicas) pairs.emplace_back(replica.expert, replica.device);
  std::sort(pairs.begin(), pairs.end());
  pairs.erase(std::unique(pairs.begin(), pairs.end()), pairs.end());
  return std::count_if(pairs.begin(), pairs.end(),
                       [&](const auto& pair) { return !problem.stood(pair.first, pair.second); });
}

double seconds_of(const LayerProblem& problem, const LayerPlan& plan) {
  std::vector<double> sum(static_cast<std::size_t>(problem.devices()), 0.0);
  for (const Replica& replica : plan.replicas) {
    sum[static_cast<std::size_t>(replica.device)] += problem.prepared->curve.seconds(replica.tokens);
  }
  double seconds = 0;
  for (std::size_t device = 0; device < sum.size(); ++device) {
    seconds = std::max(seconds, sum[device] / problem.prepared->speed(static_cast<int>(device)));
  }
  return seconds;
}

// [nodes] their live devices.
std::vector<std::vector<int>> live_devices(const LayerProblem& problem) {
  std::vector<std::vector<int>> live(static_cast<std::size_t>(problem.prepared->nodes));
  for (int device = 0; device < problem.devices(); ++device) {
    const auto d = static_cast<std::size_t>(device);
    if (problem.capacity[d] > 0) live[static_cast<std::size_t>(problem.prepared->node[d])].push_back(device);
  }
  return live;
}

// Groups move with all their experts, so nodes with as many live devices change names first: least-cost matching, an
// expert that did not stand on a node costs 1. Devices inside a node are left to relabel().
void rename_nodes(const LayerProblem& problem, LayerPlan& plan) {
  const Prepared& prepared = *problem.prepared;
  const auto experts = static_cast<std::size_t>(prepared.experts);
  const auto nodes = static_cast<std::size_t>(prepared.nodes);
  std::vector<bool> stood(nodes * experts, false);
  const auto row = prepared.instance.placement->row(static_cast<std::size_t>(problem.layer));
  for (std::size_t slot = 0; slot < row.size(); ++slot) {
    const int device = prepared.device_of_slot(static_cast<int>(slot));
    if (row[slot] < 0 || !prepared.alive[static_cast<std::size_t>(device)]) continue;
    const auto node = static_cast<std::size_t>(prepared.node[static_cast<std::size_t>(device)]);
    stood[node * experts + static_cast<std::size_t>(row[slot])] = true;
  }
  const std::vector<std::vector<int>> live = live_devices(problem);
  std::vector<int> target(static_cast<std::size_t>(prepared.devices));
  std::vector<bool> done(nodes, false);
  for (std::size_t first = 0; first < nodes; ++first) {
    std::vector<std::size_t> alike;
    for (std::size_t node = first; node < nodes; ++node) {
      if (!done[node] && live[node].size() == live[first].size()) alike.push_back(node);
    }
    if (done[first]) continue;
    std::vector<std::int64_t> cost(alike.size() * alike.size(), 0);
    for (std::size_t from = 0; from < alike.size(); ++from) {
      for (const Replica& replica : plan.replicas) {
        if (static_cast<std::size_t>(prepared.node[static_cast<std::size_t>(replica.device)]) != alike[from]) continue;
        for (std::size_t to = 0; to < alike.size(); ++to) {
          cost[from * alike.size() + to] +=
              stood[alike[to] * experts + static_cast<std::size_t>(replica.expert)] ? 0 : 1;
        }
      }
    }
    const std::vector<int> column = solvers::flow::least_cost_matching(static_cast<int>(alike.size()), cost);
    for (std::size_t from = 0; from < alike.size(); ++from) {
      const std::size_t to = alike[static_cast<std::size_t>(column[from])];
      for (std::size_t k = 0; k < live[to].size(); ++k) {
        target[static_cast<std::size_t>(live[alike[from]][k])] = live[to][k];
      }
      done[alike[from]] = true;
    }
  }
  for (Replica& replica : plan.replicas) replica.device = target[static_cast<std::size_t>(replica.device)];
}

void share_equally(const LayerProblem& problem, LayerPlan& plan) {
  std::vector<int> count(problem.load.size(), 0);
  for (const Replica& replica : plan.replicas) ++count[static_cast<std::size_t>(replica.expert)];
  for (Replica& replica : plan.replicas) {
    const auto expert = static_cast<std::size_t>(replica.expert);
    replica.tokens = problem.load[expert] / count[expert];
  }
}

void take_if_better(const LayerProblem& problem, LayerPlan plan, double limit, LayerPlan& best) {
  if (!plan.feasible || plan.seconds > limit) return;
  plan.moves = moves_of(problem, plan);
  if (std::pair(plan.moves, plan.seconds) < std::pair(best.moves, best.seconds)) best = std::move(plan);
}

}  // namespace

LayerPlan settle(LayerProblem problem, LayerPlan fresh, std::uint64_t work_limit, std::uint64_t& work) {
  const Prepared& prepared = *problem.prepared;
  const double limit = fresh.seconds * (1 + equally_good);
  if (prepared.instance.keep_groups_on_a_node) rename_nodes(problem, fresh);
  LayerPlan best = relabel(prepared, problem.layer, std::move(fresh));
  best.moves = moves_of(problem, best);
  work += best.replicas.size() * static_cast<std::uint64_t>(prepared.devices);
  if (best.moves == 0 || !bind_groups_as_standing(problem, problem.home)) return best;
  LayerState state(problem);
  if (!place_standing(state)) return best;
  work += static_cast<std::uint64_t>(state.slot_count());
  LayerPlan standing = state.plan();
  if (!prepared.even) {
    resplit(prepared, problem.layer, problem.load, standing.replicas, work);
    standing.seconds = seconds_of(problem, standing);
  }
  take_if_better(problem, standing, limit, best);
  if (!may_level(prepared) || standing.seconds <= limit) return best;
  LayerPlan levelled = std::move(standing);
  share_equally(problem, levelled);
  level_replicas(problem, limit, work_limit, work, levelled);
  const bool enough = levelled.seconds <= limit;
  take_if_better(problem, std::move(levelled), limit, best);
  if (enough || !prepared.even || work_limit < descent_step) return best;
  descend_even(state, limit, work, static_cast<int>(std::min<std::uint64_t>(work_limit / descent_step, 200)));
  take_if_better(problem, state.plan(), limit, best);
  return best;
}

}  // namespace plimsoll::experts
