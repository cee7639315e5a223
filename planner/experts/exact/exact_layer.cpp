#include "planner/experts/exact/exact_layer.hpp"

#include <algorithm>
#include <map>
#include <numeric>

#include "planner/experts/exact/branch_core.hpp"
#include "planner/experts/exact/branch_layer.hpp"
#include "planner/experts/search/assemble.hpp"
#include "planner/experts/search/layer_search.hpp"

namespace plimsoll::experts {
namespace {

constexpr int most_experts = 32;
constexpr int most_slots = 48;
// The local search before a proof.
constexpr int rounds = 4;
constexpr std::uint64_t round_work = 2'000;

}  // namespace

bool small_enough(const LayerProblem& problem) {
  return problem.experts() <= most_experts &&
         std::accumulate(problem.capacity.begin(), problem.capacity.end(), 0) <= most_slots &&
         branch_refusal(problem).empty();
}

double layer_score(const LayerProblem& problem, const LayerPlan& plan) {
  const double seconds = problem.prepared->even ? even_layer_seconds(problem, plan.replicas) : plan.seconds;
  return seconds + problem.prepared->instance.move_seconds * static_cast<double>(plan.moves);
}

LayerPlan filled(const LayerProblem& problem, LayerPlan plan) {
  const Prepared& prepared = *problem.prepared;
  if (!plan.feasible || !prepared.instance.cluster.fill_slots) return plan;
  ExpertPlan rows = empty_plan(prepared);
  assemble_layer(prepared, problem.layer, plan, rows);
  std::map<std::pair<int, int>, int> missing;
  const auto row = rows.slots.row(static_cast<std::size_t>(problem.layer));
  for (int slot = 0; slot < prepared.total_slots(); ++slot) {
    const int expert = row[static_cast<std::size_t>(slot)];
    if (expert >= 0) ++missing[{expert, prepared.device_of_slot(slot)}];
  }
  std::vector<std::int64_t> arrivals(static_cast<std::size_t>(prepared.devices), 0);
  plan.moves = 0;
  for (const auto& [pair, count] : missing) {
    if (!prepared.has_placement() || problem.stood(pair.first, pair.second)) continue;
    ++plan.moves;
    ++arrivals[static_cast<std::size_t>(pair.second)];
  }
  for (const Replica& replica : plan.replicas) --missing[{replica.expert, replica.device}];
  for (const auto& [pair, count] : missing) {
    for (int copy = 0; copy < count; ++copy) plan.replicas.push_back({pair.first, pair.second, 0.0});
  }
  const int slots = std::accumulate(problem.capacity.begin(), problem.capacity.end(), 0);
  plan.feasible = plan.moves <= problem.move_limit && static_cast<int>(plan.replicas.size()) == slots;
  for (std::size_t device = 0; device < problem.device_move_limit.size(); ++device) {
    if (arrivals[device] > problem.device_move_limit[device]) plan.feasible = false;
  }
  return plan;
}

BriefSearch search_briefly(const LayerProblem& problem, double bound, std::uint64_t seed, const support::Meter& meter) {
  LayerSearch search(problem, bound, seed);
  search.construct(meter);
  for (int round = 0; round < rounds && !search.closed(); ++round) search.improve(round_work, meter);
  return {filled(problem, search.best()), search.take_work()};
}

}  // namespace plimsoll::experts
