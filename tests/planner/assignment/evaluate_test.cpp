// The evaluation against brute force's own view of every plan of tiny instances, and by hand.
#include "planner/assignment/evaluate.hpp"

#include <gtest/gtest.h>

#include "tests/planner/assignment/brute_force.hpp"
#include "tests/planner/assignment/random_instance.hpp"

namespace plimsoll::assignment {
namespace {

TEST(AssignmentEvaluate, AgreesWithBruteForceOnTheBestPlan) {
  int feasible = 0;
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    support::Random random(seed, 5);
    const auto objective = seed % 2 == 0 ? AssignmentObjective::cost : AssignmentObjective::makespan;
    const AssignmentInstance instance = testing::random_assignment(random, objective);
    testing::AssignmentBruteForce brute(instance);
    const auto best = brute.run();
    if (!best) continue;
    ++feasible;
    const Evaluation evaluation = evaluate(instance, {brute.plan()});
    ASSERT_TRUE(evaluation.violations.empty()) << seed << ": " << evaluation.violations.front();
    ASSERT_NEAR(evaluation.objective, *best, 1e-9 * std::max(1.0, std::abs(*best))) << seed;
  }
  EXPECT_GT(feasible, 200);
}

TEST(AssignmentEvaluate, NamesEveryViolation) {
  AssignmentInstance instance;
  instance.bins = 2;
  instance.items = 3;
  instance.cost = Matrix<double>(2, 3, 1.0);
  instance.size = Matrix<double>(2, 3, 2.0);
  instance.capacity = {5, 6};
  instance.dimensions.push_back({"memory", Matrix<double>(2, 3, 1.0), {2, 2}});
  instance.forbidden = {{0, 0}};
  instance.pinned = {{1, 1}};
  instance.together = {{0, 2}};
  instance.apart = {{0, 1}};
  instance.current = {1, 1, 1};
  instance.max_changes = 2;
  const auto has = [](const Evaluation& evaluation, const std::string& part) {
    return std::any_of(evaluation.violations.begin(), evaluation.violations.end(),
                       [&](const std::string& sentence) { return sentence.find(part) != std::string::npos; });
  };
  const Evaluation all = evaluate(instance, {{0, 0, 0}});
  EXPECT_TRUE(has(all, "item 0 is in bin 0, which is forbidden"));
  EXPECT_TRUE(has(all, "item 1 is pinned to bin 1 but is in bin 0"));
  EXPECT_TRUE(has(all, "items 0 and 1 must stay apart but share bin 0"));
  EXPECT_TRUE(has(all, "bin 0 holds 6 but has a capacity of 5"));
  EXPECT_TRUE(has(all, "bin 0 holds 3 of memory but has a capacity of 2"));
  EXPECT_TRUE(has(all, "3 items leave their current bin, at most 2 may"));
  EXPECT_TRUE(has(evaluate(instance, {{1, 1, 0}}), "items 0 and 2 must stay together but are in bins 1 and 0"));
  EXPECT_TRUE(has(evaluate(instance, {{1, 2, 0}}), "there is no bin 2"));
  EXPECT_TRUE(has(evaluate(instance, {{1, 1}}), "has 2 entries for 3 items"));
}

TEST(AssignmentEvaluate, WholeNumbersFitExactlyAndRealOnesWithinRounding) {
  const std::vector<double> tenths{0.1, 0.1, 0.1};
  EXPECT_GT(0.1 + 0.1 + 0.1, 0.3);
  EXPECT_LE(0.1 + 0.1 + 0.1, admitted(tenths, 0.3));
  EXPECT_LT(admitted(tenths, 0.3), 0.3001);
  const std::vector<double> whole_sizes{3e9, 1};
  EXPECT_EQ(admitted(whole_sizes, 3e9), 3e9);
  EXPECT_EQ(admitted(whole_sizes, 3e9 + 0.5), 3e9);
}

}  // namespace
}  // namespace plimsoll::assignment
