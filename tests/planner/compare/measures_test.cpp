#include "planner/compare/measures.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "planner/compare/summary.hpp"
#include "tests/planner/compare/sample.hpp"

namespace plimsoll::compare {
namespace {

using test::sample;

TEST(Measures, PrimalGap) {
  EXPECT_EQ(primal_gap(0, 0), 0);
  EXPECT_EQ(primal_gap(5, -5), 1);
  EXPECT_DOUBLE_EQ(primal_gap(125, 100), 0.2);
  EXPECT_DOUBLE_EQ(primal_gap(-80, -100), 0.2);
  EXPECT_EQ(primal_gap(3, 0), 1);
}

TEST(Measures, PrimalIntegralByHand) {
  compare::Run run = test::planned(RunStatus::feasible, 100, 90, 8);
  run.trace = {{1, 1, 200.0, 90.0}, {3, 2, 125.0, 90.0}, {5, 3, 100.0, 90.0}};
  const auto gaps = primal_gaps(run, 100);
  // 1 until 1 s, 0.5 until 3 s, 0.2 until 5 s, then 0.
  EXPECT_DOUBLE_EQ(primal_integral(gaps, 10), 1 + 2 * 0.5 + 2 * 0.2);
  EXPECT_DOUBLE_EQ(primal_integral(gaps, 2), 1 + 0.5);
  EXPECT_DOUBLE_EQ(primal_integral(gaps, 0.5), 0.5);
  // What is never reached is paid to the end.
  EXPECT_DOUBLE_EQ(primal_integral(primal_gaps(run, 80), 10), 1 + 2 * 0.6 + 2 * 0.36 + 5 * 0.2);
}

TEST(Measures, APlanThatTheCheckerRefusesIsNone) {
  compare::Run run = test::planned(RunStatus::feasible, 100, 90, 8);
  run.verified = false;
  EXPECT_EQ(primal_integral(primal_gaps(run, 100), 10), 10);
}

TEST(Measures, WithoutATraceThePlanCameAtTheEnd) {
  compare::Run run = test::planned(RunStatus::feasible, 100, 90, 8);
  run.trace.clear();
  EXPECT_EQ(primal_integral(primal_gaps(run, 100), 10), 8);
}

TEST(Measures, OfASample) {
  const Comparison comparison = sample();
  const Measures measures = measure(comparison);
  EXPECT_EQ(measures.instances[0].best_objective, 100);
  EXPECT_EQ(measures.instances[0].best_bound, 100);
  EXPECT_EQ(measures.instances[1].best_bound, 45);
  EXPECT_EQ(measures.instances[0].horizon, 10);
  const RunMeasures& drift = measures.runs[comparison.index(0, 1, 0)];
  EXPECT_DOUBLE_EQ(*drift.gap, 20.0 / 110);
  EXPECT_DOUBLE_EQ(*drift.gap_to_best_bound, 10.0 / 110);
  EXPECT_FALSE(drift.gap_to_reference);
  EXPECT_EQ(drift.seconds_to_best, 5);
  EXPECT_FALSE(drift.wins);
  EXPECT_TRUE(measures.runs[comparison.index(0, 0, 1)].wins);
  EXPECT_TRUE(measures.runs[comparison.index(1, 1, 0)].wins);
  EXPECT_FALSE(measures.runs[comparison.index(1, 2, 0)].primal_integral);
}

TEST(Measures, TheReferenceIsTheTargetUnlessAPlanIsBetter) {
  Comparison comparison = sample();
  comparison.instances[0].reference = Reference{};
  comparison.instances[0].reference->value = 80;
  comparison.instances[1].reference = Reference{};
  comparison.instances[1].reference->value = 60;
  const Measures measures = measure(comparison);
  EXPECT_EQ(measures.instances[0].target, 80);
  EXPECT_EQ(measures.instances[1].target, 50);
  EXPECT_DOUBLE_EQ(*measures.runs[0].gap_to_reference, 0.25);
  EXPECT_DOUBLE_EQ(*measures.runs[comparison.index(1, 0, 0)].gap_to_reference, -1.0 / 6);
}

TEST(Measures, ABoundThatAPlanRefutesIsNotTheBestBound) {
  Comparison comparison = sample();
  comparison.runs[comparison.index(1, 1, 1)].bound = 51;
  EXPECT_EQ(measure(comparison).instances[1].best_bound, 45);
  comparison.runs[comparison.index(1, 1, 0)].verified = false;
  EXPECT_EQ(measure(comparison).instances[1].best_bound, 40);
}

TEST(Measures, WithoutATimeLimitTheLongestRunIsTheHorizon) {
  Comparison comparison = sample();
  comparison.limits.time_limit_seconds.reset();
  comparison.runs[comparison.index(0, 2, 1)].seconds = 17;
  EXPECT_EQ(measure(comparison).instances[0].horizon, 17);
}

TEST(Summary, CountsAndMeans) {
  const Comparison comparison = sample();
  const Measures measures = measure(comparison);
  const auto summary = summarise(comparison, measures, all_instances(comparison));
  EXPECT_EQ(summary[0].plans, 4U);
  EXPECT_EQ(summary[0].proven, 2U);
  EXPECT_EQ(summary[0].wins, 4U);
  EXPECT_EQ(summary[0].wins_alone, 2U);
  EXPECT_EQ(summary[1].wins, 2U);
  EXPECT_EQ(summary[1].wins_alone, 0U);
  EXPECT_EQ(summary[2].refused, 2U);
  EXPECT_EQ(summary[2].plans, 2U);
  EXPECT_DOUBLE_EQ(*summary[0].mean_seconds, 6.5);
  // 3 * 5 * 11 * 11 = 1815
  EXPECT_NEAR(*summary[0].geometric_mean_seconds, std::pow(1815.0, 0.25) - 1, 1e-12);
  EXPECT_DOUBLE_EQ(*summary[0].largest_gap, 0.2);
  EXPECT_DOUBLE_EQ(*summary[0].mean_gap, 0.1);
  EXPECT_DOUBLE_EQ(*summary[0].mean_gap_to_best_bound, 0.05);
}

TEST(Summary, CommonInstances) {
  const Comparison comparison = sample();
  EXPECT_EQ(common_instances(comparison), (std::vector<std::size_t>{0}));
  const auto summary = summarise(comparison, measure(comparison), common_instances(comparison));
  EXPECT_EQ(summary[0].runs, 2U);
  EXPECT_EQ(summary[2].refused, 0U);
}

TEST(Summary, FailuresAreCountedAndAreNoPlans) {
  Comparison comparison = sample();
  comparison.runs[0] = test::failed("signal 11");
  comparison.runs[1].verified = false;
  comparison.runs[comparison.index(1, 0, 0)].status = RunStatus::unknown;
  comparison.runs[comparison.index(1, 0, 0)].objective.reset();
  const auto summary = summarise(comparison, measure(comparison), all_instances(comparison));
  EXPECT_EQ(summary[0].failed, 2U);
  EXPECT_EQ(summary[0].without, 1U);
  EXPECT_EQ(summary[0].plans, 1U);
  EXPECT_EQ(summary[0].proven, 0U);
}

TEST(Summary, Duels) {
  const auto duels = duel(sample());
  EXPECT_EQ(duels[0][1].better, 1U);
  EXPECT_EQ(duels[0][1].equal, 1U);
  EXPECT_EQ(duels[0][1].worse, 0U);
  EXPECT_EQ(duels[1][0].worse, 1U);
  EXPECT_EQ(duels[2][0].worse, 1U);  // beta was refused and does not count
  EXPECT_EQ(duels[2][0].equal, 0U);
}

TEST(Summary, NoPlanIsWorseThanAny) {
  Comparison comparison = sample();
  comparison.runs[0].status = RunStatus::unknown;
  comparison.runs[0].objective.reset();
  EXPECT_EQ(duel(comparison)[0][1].worse, 1U);
}

TEST(Summary, SpreadOverSeeds) {
  const Spread found = spread(sample(), 0, 1);
  EXPECT_EQ(found.plans, 2U);
  EXPECT_EQ(found.mean, 115);
  EXPECT_EQ(found.least, 110);
  EXPECT_EQ(found.largest, 120);
  EXPECT_FALSE(spread(sample(), 1, 2).mean);
}

}  // namespace
}  // namespace plimsoll::compare
