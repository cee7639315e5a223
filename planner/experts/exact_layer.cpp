#include "planner/experts/exact_layer.hpp"

#include <algorithm>
#include <numeric>

#include "planner/experts/branch.hpp"
#include "planner/experts/branch_core.hpp"
#include "planner/experts/layer_search.hpp"

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

BriefSearch search_briefly(const LayerProblem& problem, double bound, std::uint64_t seed, const support::Meter& meter) {
  LayerSearch search(problem, bound, seed);
  search.construct(meter);
  for (int round = 0; round < rounds && !search.closed(); ++round) search.improve(round_work, meter);
  return {search.best(), search.take_work()};
}

}  // namespace plimsoll::experts
