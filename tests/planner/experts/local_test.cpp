// `local` and `auto` as a user meets them: limits, budgets, and the way they stop.
#include <gtest/gtest.h>

#include <atomic>

#include "plimsoll/solve.hpp"
#include "tests/planner/experts/random_instance.hpp"
#include "tests/planner/experts/shipped.hpp"

namespace plimsoll {
namespace {

using testing::shipped;
using testing::solve_with;

class Search : public ::testing::TestWithParam<const char*> {};

TEST_P(Search, HasAPlanWithoutAnyWork) {
  for (const char* name : {"twelve-experts-groups-even", "deepseek-v3-288-32-weighted", "qwen3-235b-drift-weighted"}) {
    SCOPED_TRACE(name);
    const ExpertInstance instance = shipped(name);
    const ExpertSolution solution = solve_with(instance, GetParam(), 0);
    ASSERT_TRUE(solution.certificate.objective.has_value());
    EXPECT_EQ(check(instance, solution.plan, &solution.certificate), std::vector<std::string>{});
  }
}

TEST_P(Search, StopsWhenAskedTo) {
  const std::atomic<bool> stop = true;
  SolveOptions options;
  options.method = GetParam();
  options.stop = &stop;
  const ExpertInstance instance = shipped("deepseek-v3-288-144-even");
  const ExpertSolution solution = solve(instance, options);
  ASSERT_TRUE(solution.certificate.objective.has_value());
  EXPECT_EQ(solution.certificate.stopped_by, StoppedBy::interrupt);
  EXPECT_EQ(check(instance, solution.plan), std::vector<std::string>{});
}

TEST_P(Search, SaysThatTheTimeWasUp) {
  SolveOptions options;
  options.method = GetParam();
  options.time_limit_seconds = 0.0;
  const ExpertSolution solution = solve(shipped("gpt-oss-120b-128-32-even"), options);
  ASSERT_TRUE(solution.certificate.objective.has_value());
  EXPECT_EQ(solution.certificate.stopped_by, StoppedBy::time);
}

TEST_P(Search, SaysThatTheWorkWasSpent) {
  const Certificate certificate = solve_with(shipped("gpt-oss-120b-128-32-even"), GetParam(), 10'000).certificate;
  EXPECT_EQ(certificate.stopped_by, StoppedBy::work);
  EXPECT_GE(certificate.work, 10'000U);
}

TEST_P(Search, StopsAtTheGapAskedFor) {
  SolveOptions options;
  options.method = GetParam();
  options.gap = 0.5;
  const ExpertInstance instance = shipped("twelve-experts-even");
  const ExpertSolution solution = solve(instance, options);
  EXPECT_LE(*solution.certificate.gap, 0.5);
  EXPECT_TRUE(solution.certificate.stopped_by == StoppedBy::gap ||
              solution.certificate.stopped_by == StoppedBy::optimal);
}

TEST_P(Search, ReportsProgressOnTheWay) {
  SolveOptions options;
  options.method = GetParam();
  options.work_limit = 500'000;
  std::vector<Progress> seen;
  options.progress = [&](const Progress& progress) { seen.push_back(progress); };
  const ExpertSolution solution = solve(shipped("twelve-experts-groups-even"), options);
  ASSERT_FALSE(seen.empty());
  for (std::size_t k = 1; k < seen.size(); ++k) {
    EXPECT_GE(seen[k].work, seen[k - 1].work);
    EXPECT_TRUE(!seen[k - 1].objective || *seen[k].objective <= *seen[k - 1].objective);
    EXPECT_TRUE(!seen[k - 1].bound || *seen[k].bound >= *seen[k - 1].bound);
  }
  EXPECT_EQ(seen.back().objective, solution.certificate.objective);
}

TEST_P(Search, KeepsTheSeedInTheCertificate) {
  SolveOptions options;
  options.method = GetParam();
  options.seed = 42;
  options.work_limit = 50'000;
  const Certificate certificate = solve(shipped("twelve-experts-even"), options).certificate;
  EXPECT_EQ(certificate.seed, 42U);
  EXPECT_EQ(certificate.method, GetParam());
}

// The budget is kept whatever it is, and all of it together is worth at least as much as none.
TEST_P(Search, KeepsEveryMoveBudget) {
  ExpertInstance instance = shipped("twelve-experts-even");
  instance.placement = solve_with(instance, "eplb").plan.slots;
  for (std::size_t layer = 0; layer < 2; ++layer) {
    auto load = instance.load.row(layer);
    std::rotate(load.begin(), load.begin() + 4, load.end());
  }
  const double standing = *solve_with(instance, "shares").certificate.objective;
  for (const Dispatch dispatch : {Dispatch::even, Dispatch::weighted}) {
    instance.dispatch = dispatch;
    for (std::int64_t budget = 0; budget <= 12; budget += 3) {
      SCOPED_TRACE("budget " + std::to_string(budget));
      instance.limits = {budget, {}};
      ExpertSolution solution = solve_with(instance, GetParam(), 300'000);
      ASSERT_TRUE(solution.certificate.objective.has_value());
      EXPECT_LE(solution.metrics.moves, budget);
      EXPECT_LE(*solution.certificate.objective, standing * (1 + 1e-12));
      instance.limits = {{}, budget / 3};
      solution = solve_with(instance, GetParam(), 300'000);
      ASSERT_TRUE(solution.certificate.objective.has_value());
      EXPECT_EQ(check(instance, solution.plan, &solution.certificate), std::vector<std::string>{});
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Methods, Search, ::testing::Values("local", "auto"),
                         [](const auto& shown) { return std::string(shown.param); });

TEST(Replanning, ReachesTheBaselineWithAFewOfItsMoves) {
  ExpertInstance instance = shipped("qwen3-235b-drift-weighted");
  instance.limits = {};
  instance.move_seconds = 0;
  instance.dispatch = Dispatch::even;
  const ExpertSolution baseline = solve_with(instance, "eplb");
  instance.dispatch = Dispatch::weighted;
  instance.limits.max_moves = baseline.metrics.moves / 10;
  const ExpertSolution solution = solve_with(instance, "local", 200'000'000);
  EXPECT_LE(solution.metrics.moves, baseline.metrics.moves / 10);
  EXPECT_LE(solution.metrics.imbalance, baseline.metrics.imbalance);
}

}  // namespace
}  // namespace plimsoll
