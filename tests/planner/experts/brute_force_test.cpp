// Every method against an exhaustive search, on random instances with all features mixed.
#include "tests/planner/experts/brute_force.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

#include "planner/experts/evaluate.hpp"
#include "planner/experts/json.hpp"
#include "planner/experts/method.hpp"
#include "plimsoll/solve.hpp"
#include "tests/planner/experts/judge.hpp"
#include "tests/planner/experts/random_instance.hpp"

namespace plimsoll::experts {
namespace {

using testing::brute_force;
using testing::BruteForceResult;
using testing::tiny_instance;

constexpr std::uint64_t instances_per_block = 40;

bool at_most(double left, double right) { return left <= right + 1e-9 * std::max(1.0, std::abs(right)); }

// The plan that the exhaustive search found, under even dispatch.
ExpertPlan even_plan(const ExpertInstance& instance, const BruteForceResult& best) {
  const auto layers = static_cast<std::size_t>(instance.model.layers);
  std::size_t columns = 0;
  for (const int slots : instance.cluster.slots) columns += static_cast<std::size_t>(slots);
  ExpertPlan plan{Matrix<int>(layers, columns, -1), Matrix<double>(layers, columns), {}};
  const bool tiled = instance.cost.tile_tokens > 0 && instance.cost.expert_seconds.empty();
  if (tiled) plan.tokens = Matrix<std::int64_t>(layers, columns);
  for (std::size_t layer = 0; layer < layers; ++layer) {
    std::vector<int> count(static_cast<std::size_t>(instance.model.experts), 0);
    std::size_t first = 0;
    for (std::size_t device = 0; device < best.contents[layer].size(); ++device) {
      const auto& held = best.contents[layer][device];
      for (std::size_t k = 0; k < held.size(); ++k) {
        plan.slots.at(layer, first + k) = held[k];
        ++count[static_cast<std::size_t>(held[k])];
      }
      first += static_cast<std::size_t>(instance.cluster.slots[device]);
    }
    std::vector<int> seen(count.size(), 0);
    for (std::size_t slot = 0; slot < columns; ++slot) {
      if (plan.slots.at(layer, slot) < 0) continue;
      const auto expert = static_cast<std::size_t>(plan.slots.at(layer, slot));
      const double load = instance.load.at(layer, expert);
      plan.shares.at(layer, slot) = 1.0 / count[expert];
      if (!tiled) continue;
      const auto whole = static_cast<std::int64_t>(load);
      const std::int64_t tokens = whole / count[expert] + (seen[expert]++ < whole % count[expert] ? 1 : 0);
      plan.tokens.at(layer, slot) = tokens;
      if (load > 0) plan.shares.at(layer, slot) = static_cast<double>(tokens) / load;
    }
  }
  return plan;
}

struct Tally {
  int feasible = 0;    // exact optimum known, and the instance has plans
  int reached = 0;     // of them, by the method
  int optimal = 0;     // of them, and proven
  int impossible = 0;  // no plan exists
  int proven = 0;      // of them, said by the method
};

bool is_baseline(std::string_view method) { return method != "auto" && method != "local"; }
bool is_exact(std::string_view method) { return method == "auto" || method == "branch"; }

void try_method(const ExpertInstance& instance, const BruteForceResult& best, std::string_view method, Tally& tally) {
  SolveOptions options;
  options.method = method;
  options.work_limit = is_exact(method) ? 20'000'000 : 300'000;
  ExpertSolution solution;
  try {
    solution = solve(instance, options);
  } catch (const Error& error) {
    EXPECT_TRUE(is_baseline(method) && error.code() == ErrorCode::unsupported)
        << error.what() << " (code " << static_cast<int>(error.code()) << ")";
    return;
  }
  const Certificate& certificate = solution.certificate;
  if (!best.objective) {
    EXPECT_TRUE(certificate.status == Status::infeasible || certificate.status == Status::unknown);
    ++tally.impossible;
    tally.proven += certificate.status == Status::infeasible ? 1 : 0;
    return;
  }
  EXPECT_NE(certificate.status, Status::infeasible) << certificate.reason;
  if (certificate.bound) {
    EXPECT_TRUE(at_most(*certificate.bound, *best.objective))
        << *certificate.bound << " (" << certificate.bound_method << ") > " << *best.objective;
  }
  tally.feasible += best.exact ? 1 : 0;
  if (!certificate.objective) return;
  const Evaluation evaluation = evaluate(instance, solution.plan);
  EXPECT_TRUE(evaluation.violations.empty()) << evaluation.violations.front();
  EXPECT_NEAR(evaluation.objective, *certificate.objective, 1e-9 * std::max(1.0, evaluation.objective));
  const std::optional<double> judged = testing::judge(instance, solution.plan);
  ASSERT_TRUE(judged.has_value());
  EXPECT_NEAR(*judged, *certificate.objective, 1e-8 * std::max(1.0, *judged));
  EXPECT_EQ(check(instance, solution.plan, &certificate), std::vector<std::string>{});
  EXPECT_TRUE(certificate.verified);
  EXPECT_TRUE(!certificate.bound || *certificate.bound <= *certificate.objective);
  if (!best.exact) return;
  EXPECT_TRUE(at_most(*best.objective, evaluation.objective)) << evaluation.objective << " < " << *best.objective;
  tally.reached += at_most(evaluation.objective, *best.objective) ? 1 : 0;
  if (certificate.status == Status::optimal) {
    EXPECT_TRUE(at_most(evaluation.objective, *best.objective));
    ++tally.optimal;
  }
}

class BruteForceBlock : public ::testing::TestWithParam<int> {};

TEST_P(BruteForceBlock, EveryMethodStandsUpToIt) {
  Tally automatic;
  Tally local;
  Tally exact;
  for (std::uint64_t k = 0; k < instances_per_block; ++k) {
    const std::uint64_t seed = static_cast<std::uint64_t>(GetParam()) * 1000 + k;
    const ExpertInstance instance = tiny_instance(seed);
    SCOPED_TRACE("tiny instance " + std::to_string(seed));
    const BruteForceResult best = brute_force(instance);
    if (best.objective && instance.dispatch == Dispatch::even) {
      const Evaluation evaluation = evaluate(instance, even_plan(instance, best));
      EXPECT_TRUE(evaluation.violations.empty()) << evaluation.violations.front();
      EXPECT_NEAR(evaluation.objective, *best.objective, 1e-9 * std::max(1.0, *best.objective));
    }
    for (const Method& method : methods()) {
      SCOPED_TRACE("method " + std::string(method.name));
      Tally baseline;
      Tally& tally = method.name == "auto"     ? automatic
                     : method.name == "local"  ? local
                     : method.name == "branch" ? exact
                                               : baseline;
      const int reached = tally.reached;
      const int known = tally.feasible;
      try_method(instance, best, method.name, tally);
      // With PLIMSOLL_SHOW_MISSES set: where the searches fall short, for whoever wants to improve them.
      if (!is_baseline(method.name) && tally.reached - reached < tally.feasible - known &&
          std::getenv("PLIMSOLL_SHOW_MISSES") != nullptr) {
        std::printf("missed: %d %s best %.9g\n", static_cast<int>(seed), std::string(method.name).c_str(),
                    *best.objective);
      }
    }
    if (HasFailure()) {
      ADD_FAILURE() << write_instance(instance);
      return;
    }
  }
  RecordProperty("feasible", automatic.feasible);
  RecordProperty("reached_by_auto", automatic.reached);
  RecordProperty("reached_by_local", local.reached);
  RecordProperty("impossible", automatic.impossible);
  RecordProperty("proven_impossible", automatic.proven);
  if (std::getenv("PLIMSOLL_SHOW_MISSES") != nullptr) {
    std::printf("feasible %d, auto %d, local %d, impossible %d, proven %d\n", automatic.feasible, automatic.reached,
                local.reached, automatic.impossible, automatic.proven);
  }
  // Over 28,000 such instances `local` reaches 97 %, `auto` proves 99 % optimal and 95 % of the others impossible; a
  // single block of them may have bad luck.
  EXPECT_GE(local.reached * 100, local.feasible * 85);
  EXPECT_GE(automatic.optimal * 100, automatic.feasible * 92);
  EXPECT_GE(automatic.proven * 100, automatic.impossible * 75);
  EXPECT_GE(exact.optimal * 100, exact.feasible * 92);
}

INSTANTIATE_TEST_SUITE_P(Seeds, BruteForceBlock, ::testing::Range(0, 12));

}  // namespace
}  // namespace plimsoll::experts
