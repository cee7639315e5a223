// Planning again and again: what is seen, what stands, how it is scored, on instances that can be followed by hand.
#include "planner/experts/rolling/rolling.hpp"

#include <gtest/gtest.h>

#include "planner/experts/rolling/past.hpp"
#include "plimsoll/error.hpp"

namespace plimsoll::experts::rolling {
namespace {

using Loads = std::vector<std::vector<double>>;

// One layer, two devices of two slots.
StepInstance instance_of(const Loads& microsteps, Dispatch dispatch = Dispatch::weighted) {
  StepInstance instance;
  ExpertInstance& experts = instance.experts;
  const std::size_t count = microsteps.front().size();
  experts.model.experts = static_cast<int>(count);
  experts.model.expert_bytes = 10;
  experts.cluster.devices_per_node = 2;
  experts.cluster.slots.assign(2, 2);
  experts.cluster.speed.assign(2, 1.0);
  experts.dispatch = dispatch;
  experts.load = Matrix<double>(1, count, 0.0);
  for (const auto& load : microsteps) {
    instance.load.emplace_back(1, count, load);
    for (std::size_t e = 0; e < count; ++e) experts.load.at(0, e) += load[e];
  }
  for (int m = 0; m < instance.microsteps(); ++m) instance.schedule.push_back({Pass::forward, m});
  return instance;
}

common::RollingRun run(const StepInstance& instance, const std::string& method,
                       std::optional<std::int64_t> max_moves = {}, int window = 1, int threads = 1) {
  common::RollingOptions options;
  options.window = window;
  options.solve.method = method;
  options.solve.work_limit = 100'000;
  options.solve.threads = threads;
  options.max_moves = max_moves;
  return planner_for(instance)->run(options);
}

// The hot expert changes once: a plan for [8, 2, 2] holds {0, 1} and {0, 2}, one for [2, 8, 2] {0, 1} and {1, 2}.
const Loads change = {{8, 2, 2}, {2, 8, 2}, {2, 8, 2}};

TEST(Rolling, PlansOnThePastAndIsScoredOnTheNext) {
  for (const char* method : {"eplb", "local", "lpt"}) {
    const common::RollingRun made = run(instance_of(change), method);
    ASSERT_EQ(made.plans.size(), 2U) << method << ": " << made.refused;
    const common::RollingPlan& first = made.plans[0];
    EXPECT_EQ(first.microstep, 1);
    EXPECT_TRUE(first.first);
    EXPECT_EQ(first.moves, 0);
    EXPECT_NEAR(first.planned_imbalance, 1, 1e-9) << method;
    // Expert 1 stands on one device alone: 8 of 12 tokens there, and 6 is the mean.
    EXPECT_NEAR(first.imbalance, 8.0 / 6, 1e-9) << method;
    EXPECT_EQ(first.layers, std::vector<double>{first.imbalance});
    const common::RollingPlan& second = made.plans[1];
    EXPECT_EQ(second.microstep, 2);
    EXPECT_FALSE(second.first);
    EXPECT_EQ(second.moves, 1) << method;
    EXPECT_EQ(second.moved_bytes, 10);
    EXPECT_NEAR(second.imbalance, 1, 1e-9) << method;
    EXPECT_TRUE(first.violations.empty() && second.violations.empty());
  }
}

TEST(Rolling, EvenDispatchIsScoredEvenly) {
  const common::RollingRun made = run(instance_of(change, Dispatch::even), "eplb");
  ASSERT_EQ(made.plans.size(), 2U) << made.refused;
  // {0, 1} has 1 + 8 tokens.
  EXPECT_NEAR(made.plans[0].imbalance, 9.0 / 6, 1e-9);
}

TEST(Rolling, ABudgetOfMovesIsKept) {
  const StepInstance instance = instance_of(change);
  const common::RollingRun none = run(instance, "local", 0);
  ASSERT_EQ(none.plans.size(), 2U);
  EXPECT_TRUE(none.keeps_limit);
  EXPECT_EQ(none.plans[1].moves, 0);
  EXPECT_NEAR(none.plans[1].imbalance, 8.0 / 6, 1e-9);
  const common::RollingRun one = run(instance, "local", 1);
  EXPECT_EQ(one.plans[1].moves, 1);
  EXPECT_NEAR(one.plans[1].imbalance, 1, 1e-9);
  // What takes no limit is left to move what it likes, and that is said.
  const common::RollingRun free = run(instance, "eplb", 0);
  EXPECT_FALSE(free.keeps_limit);
  EXPECT_EQ(free.plans[1].moves, 1);
}

TEST(Rolling, SharesKeepsItsFirstPlacement) {
  const common::RollingRun made = run(instance_of(change), "shares");
  ASSERT_EQ(made.plans.size(), 2U) << made.refused;
  EXPECT_EQ(made.plans[1].moves, 0);
  EXPECT_NEAR(made.plans[1].imbalance, 8.0 / 6, 1e-9);
}

TEST(Rolling, PlansMadeAfreshAreRelabelled) {
  // The algorithm puts {0, 3} on device 0 first and then on device 1.
  const common::RollingRun made = run(instance_of({{4, 3, 2, 1}, {3, 4, 1, 2}, {1, 1, 1, 1}}), "eplb");
  ASSERT_EQ(made.plans.size(), 2U) << made.refused;
  EXPECT_EQ(made.plans[1].moves, 0);
}

TEST(Rolling, APlacementOfTheInstanceStandsFirst) {
  StepInstance instance = instance_of(change);
  instance.experts.placement = Matrix<int>(1, 4, {0, 1, 2, 2});
  const common::RollingRun made = run(instance, "local");
  ASSERT_EQ(made.plans.size(), 2U);
  EXPECT_FALSE(made.plans[0].first);
  EXPECT_EQ(made.plans[0].moves, 1);  // expert 0 to the second device
  EXPECT_EQ(run(instance, "shares").plans[0].moves, 0);
}

TEST(Rolling, TheWindowIsTheMeanOfItsMicrosteps) {
  const StepInstance instance = instance_of({{8, 2, 2}, {2, 8, 3}, {1, 1, 1}});
  const ExpertInstance past = past_instance(instance, 0, 2);
  EXPECT_EQ(past.load.data(), (std::vector<double>{5, 5, 2.5}));
  EXPECT_FALSE(past.placement.has_value());
  StepInstance tiled = instance;
  tiled.experts.cost.tile_tokens = 2;
  EXPECT_EQ(past_instance(tiled, 0, 2).load.data(), (std::vector<double>{5, 5, 3}));
  const StepInstance step = past_step(instance, 0, 2);
  EXPECT_EQ(step.microsteps(), 2);
  EXPECT_EQ(step.experts.load.data(), (std::vector<double>{10, 10, 5}));
  EXPECT_EQ(step.schedule.size(), 2U);
  EXPECT_EQ(run(instance, "local", {}, 2).plans.size(), 1U);
}

TEST(Rolling, NoPlacementIsBelowTheLeast) {
  const Loads loads = {{9, 1, 1}, {1, 7, 2}, {3, 3, 3}, {2, 9, 7}, {5, 0, 0}};
  const StepInstance instance = instance_of(loads);
  const auto least = planner_for(instance)->least_imbalance();
  ASSERT_EQ(least.size(), loads.size());
  for (const char* method : {"eplb", "local", "shares"}) {
    for (const auto& plan : run(instance, method).plans) {
      EXPECT_GE(plan.imbalance, least[static_cast<std::size_t>(plan.microstep)] - 1e-9);
    }
  }
}

TEST(Rolling, TheSameForAnyNumberOfThreads) {
  const StepInstance instance = instance_of({{9, 1, 1}, {1, 7, 2}, {3, 3, 3}, {2, 9, 7}});
  const common::RollingRun one = run(instance, "local", 1, 1, 1);
  const common::RollingRun two = run(instance, "local", 1, 1, 2);
  ASSERT_EQ(one.plans.size(), two.plans.size());
  for (std::size_t k = 0; k < one.plans.size(); ++k) {
    EXPECT_EQ(one.plans[k].imbalance, two.plans[k].imbalance);
    EXPECT_EQ(one.plans[k].moves, two.plans[k].moves);
    EXPECT_EQ(one.plans[k].work, two.plans[k].work);
  }
}

TEST(Rolling, RefusalsHaveAReason) {
  StepInstance instance = instance_of(change);
  instance.experts.cluster.slots = {2, 3};
  const common::RollingRun made = run(instance, "eplb");
  EXPECT_TRUE(made.plans.empty());
  EXPECT_NE(made.refused.find("same number of slots"), std::string::npos) << made.refused;
}

}  // namespace
}  // namespace plimsoll::experts::rolling
