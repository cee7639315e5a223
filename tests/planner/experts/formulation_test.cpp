// The integer program says the whole problem and nothing else: plans become points of the same worth, points become
// plans, and its optimum is the best of all plans.
#include "planner/experts/formulation/formulation.hpp"

#include <gtest/gtest.h>

#include <string>

#include "planner/experts/bound.hpp"
#include "planner/experts/evaluate.hpp"
#include "planner/experts/solve.hpp"
#include "plimsoll/error.hpp"
#include "solvers/mip/evaluate.hpp"
#include "solvers/mip/solver.hpp"
#include "tests/planner/experts/brute_force.hpp"
#include "tests/planner/experts/random_instance.hpp"

namespace plimsoll::experts {
namespace {

namespace mip = solvers::mip;

double tolerance(double value) { return 1e-9 * std::max(1.0, std::abs(value)); }

ExpertSolution local_plan(const ExpertInstance& instance, std::uint64_t work) {
  SolveOptions options;
  options.method = "local";
  options.work_limit = work;
  return solve(instance, options, support::Meter::Clock::now());
}

// A plan as a point and back.
void expect_round_trip(const ExpertInstance& instance, const std::string& label) {
  const ExpertSolution solution = local_plan(instance, 20'000);
  if (!solution.certificate.objective) return;
  const double objective = *solution.certificate.objective;
  const Prepared prepared(instance);
  const Formulation formulation(prepared, Scope::whole(prepared));
  const auto point = formulation.encode(solution.plan);
  ASSERT_TRUE(point) << label;
  const mip::Evaluation worth = mip::evaluate(formulation.model(), *point);
  EXPECT_TRUE(worth.feasible()) << label << ": " << worth.most_violated << " by " << worth.violation;
  // Idle replicas that cost a move are left out, so that the point may be better; never worse.
  EXPECT_LE(worth.objective, objective + tolerance(objective)) << label;
  const ExpertPlan back = formulation.decode(*point);
  const Evaluation evaluation = evaluate(instance, back);
  EXPECT_TRUE(evaluation.violations.empty()) << label << ": " << evaluation.violations.front();
  EXPECT_LE(evaluation.objective, worth.objective + tolerance(objective)) << label;
  if (instance.move_seconds == 0 && instance.cost.replica_seconds == 0) {
    EXPECT_NEAR(worth.objective, objective, tolerance(objective)) << label;
  }
  if (prepared.even || prepared.curve.table()) {
    EXPECT_NEAR(worth.objective, objective, tolerance(objective)) << label;
    EXPECT_NEAR(evaluation.objective, objective, tolerance(objective)) << label;
  }
}

TEST(Formulation, PlansBecomePointsOfTheSameWorth) {
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    expect_round_trip(testing::tiny_instance(seed), "tiny " + std::to_string(seed));
  }
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    expect_round_trip(testing::medium_instance(seed), "medium " + std::to_string(seed));
  }
}

void expect_optimum(const ExpertInstance& instance, mip::Backend backend, const std::string& label) {
  const testing::BruteForceResult best = testing::brute_force(instance);
  const Prepared prepared(instance);
  if (!prepared.impossible.empty()) {
    EXPECT_FALSE(best.objective) << label;
    return;
  }
  const Formulation formulation(prepared, Scope::whole(prepared));
  mip::Options options;
  options.time_limit_seconds = 20;
  const mip::Result result = mip::solve(formulation.model(), backend, options);
  if (!best.objective) {
    EXPECT_EQ(result.status, mip::Status::infeasible) << label;
    return;
  }
  ASSERT_EQ(result.status, mip::Status::optimal) << label << ": " << result.reason;
  const ExpertPlan plan = formulation.decode(result.point);
  const Evaluation evaluation = evaluate(instance, plan);
  EXPECT_TRUE(evaluation.violations.empty()) << label << ": " << evaluation.violations.front();
  EXPECT_NEAR(evaluation.objective, result.objective, 1e-6 * std::max(1.0, result.objective)) << label;
  if (best.exact) {
    EXPECT_NEAR(evaluation.objective, *best.objective, 1e-6 * std::max(1.0, *best.objective)) << label;
  } else {
    EXPECT_LE(evaluation.objective, *best.objective + 1e-6 * std::max(1.0, *best.objective)) << label;
  }
}

void expect_optima(mip::Backend backend) {
  if (!mip::available(backend)) GTEST_SKIP() << "this build has no " << mip::name(backend);
  for (std::uint64_t seed = 1; seed <= 70; ++seed) {
    expect_optimum(testing::tiny_instance(seed), backend, mip::name(backend) + " " + std::to_string(seed));
  }
}

TEST(Formulation, ItsOptimumIsTheBestPlanGlpk) { expect_optima(mip::Backend::glpk); }
TEST(Formulation, ItsOptimumIsTheBestPlanCbc) { expect_optima(mip::Backend::cbc); }

// What is known about a layer only takes away plans that are worse.
TEST(Formulation, LimitsOnTimesKeepTheBestPlan) {
  const mip::Backend backend = mip::available(mip::Backend::cbc) ? mip::Backend::cbc : mip::Backend::glpk;
  if (!mip::available(backend)) GTEST_SKIP() << "this build has no backend";
  int compared = 0;
  for (std::uint64_t seed = 200; seed < 240; ++seed) {
    const ExpertInstance instance = testing::tiny_instance(seed);
    const testing::BruteForceResult best = testing::brute_force(instance);
    if (!best.objective || !best.exact) continue;
    const Prepared prepared(instance);
    Scope scope = Scope::whole(prepared);
    const Bounds bounds = quick_bounds(prepared);
    for (int layer = 0; layer < prepared.layers; ++layer) {
      const auto l = static_cast<std::size_t>(layer);
      scope.lower[l] = bounds.layers[l].seconds;
      scope.upper[l] = *best.objective - (bounds.objective - bounds.layers[l].seconds);
    }
    const Formulation formulation(prepared, scope);
    const mip::Result result = mip::solve(formulation.model(), backend, {});
    ASSERT_EQ(result.status, mip::Status::optimal) << seed << " " << result.reason;
    EXPECT_NEAR(result.objective, *best.objective, 1e-6 * std::max(1.0, *best.objective)) << seed;
    ++compared;
  }
  EXPECT_GT(compared, 12);
}

TEST(Formulation, RefusesWhatNoBackendCouldHold) {
  ExpertInstance instance;
  instance.model.experts = 512;
  instance.model.layers = 100;
  instance.cluster.nodes = 64;
  instance.cluster.slots.assign(64, 9);
  instance.cluster.speed.assign(64, 1.0);
  instance.load = Matrix<double>(100, 512, 1.0);
  const Prepared prepared(instance);
  try {
    const Formulation formulation(prepared, Scope::whole(prepared));
    FAIL() << "built";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::unsupported);
    EXPECT_NE(std::string(error.what()).find("variables"), std::string::npos);
  }
}

}  // namespace
}  // namespace plimsoll::experts
