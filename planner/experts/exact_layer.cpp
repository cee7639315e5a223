#include "planner/experts/exact_layer.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

#include "planner/experts/branch.hpp"
#include "planner/experts/branch_core.hpp"
#include "planner/experts/layer_search.hpp"

namespace plimsoll::experts {
namespace {

constexpr int most_experts = 32;
constexpr int most_slots = 48;
// The local search before the proof.
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

ExactLayer solve_exactly(const LayerProblem& problem, double bound, std::uint64_t seed, std::uint64_t work_limit,
                         const support::Meter& meter) {
  ExactLayer result;
  LayerSearch search(problem, bound, seed);
  search.construct(meter);
  for (int round = 0; round < rounds && !search.closed(); ++round) search.improve(round_work, meter);
  result.work = search.take_work();
  result.bound = bound;
  result.plan = search.best();
  const double infinite = std::numeric_limits<double>::infinity();
  result.score = result.plan.feasible ? layer_score(problem, result.plan) : infinite;
  if (search.closed()) {
    result.complete = true;
    return result;
  }
  if (!branch_refusal(problem).empty()) return result;
  BranchResult proof = branch(problem, result.score, work_limit / branch_work, meter);
  result.work += branch_work * proof.work;
  if (proof.plan.feasible) {
    result.plan = std::move(proof.plan);
    result.score = layer_score(problem, result.plan);
  }
  if (proof.complete) {
    result.complete = true;
    result.bound = std::max(bound, result.plan.feasible ? proof.bound : infinite);
  }
  return result;
}

}  // namespace plimsoll::experts
