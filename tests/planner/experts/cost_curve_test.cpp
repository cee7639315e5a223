#include "planner/experts/cost_curve.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "planner/experts/search/balance.hpp"
#include "tests/planner/experts/random_instance.hpp"

namespace plimsoll::experts {
namespace {

ExpertCost table(std::vector<ExpertCost::Point> points) {
  ExpertCost cost;
  cost.expert_seconds = std::move(points);
  return cost;
}

TEST(CostCurve, IsProportionalByDefault) {
  const CostCurve curve(ExpertCost{});
  EXPECT_TRUE(curve.proportional());
  EXPECT_EQ(curve.seconds(0), 0);
  EXPECT_EQ(curve.seconds(7.5), 7.5);
  EXPECT_NEAR(curve.tokens_within(7.5), 7.5, 1e-9);
}

TEST(CostCurve, ChargesReplicasThatServeTokens) {
  ExpertCost cost;
  cost.token_seconds = 0.5;
  cost.replica_seconds = 3;
  const CostCurve curve(cost);
  EXPECT_EQ(curve.seconds(0), 0);
  EXPECT_EQ(curve.seconds(1), 3.5);
  EXPECT_EQ(curve.tokens_within(2.9), 0);
  EXPECT_NEAR(curve.tokens_within(4), 2, 1e-9);
}

TEST(CostCurve, CountsWholeTiles) {
  ExpertCost cost;
  cost.tile_tokens = 128;
  const CostCurve curve(cost);
  EXPECT_EQ(curve.seconds(0), 0);
  EXPECT_EQ(curve.seconds(1), 128);
  EXPECT_EQ(curve.seconds(128), 128);
  EXPECT_EQ(curve.seconds(129), 256);
  EXPECT_EQ(curve.tokens_within(255), 128);
  EXPECT_EQ(curve.tokens_within(256), 256);
}

TEST(CostCurve, InterpolatesAndGoesOnAlongTheLastSegment) {
  const CostCurve curve(table({{0, 1}, {10, 1}, {20, 6}}));
  EXPECT_EQ(curve.idle_seconds(), 1);
  EXPECT_EQ(curve.seconds(0), 1);
  EXPECT_EQ(curve.seconds(5), 1);
  EXPECT_EQ(curve.seconds(15), 3.5);
  EXPECT_EQ(curve.seconds(30), 11);
  EXPECT_NEAR(curve.tokens_within(1), 10, 1e-9);
  EXPECT_NEAR(curve.tokens_within(11), 30, 1e-9);
  EXPECT_EQ(curve.tokens_within(0.5), 0);
}

TEST(CostCurve, ReplacesTheRestByATable) {
  ExpertCost cost = table({{0, 0}, {2, 8}});
  cost.tile_tokens = 100;
  cost.replica_seconds = 50;
  const CostCurve curve(cost);
  EXPECT_FALSE(curve.tiled());
  EXPECT_EQ(curve.seconds(1), 4);
}

// What the bounds rely on, for any cost that the format allows.
TEST(CostCurve, KeepsWhatTheBoundsRelyOn) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const ExpertInstance instance = testing::tiny_instance(seed);
    const CostCurve curve(instance.cost);
    SCOPED_TRACE("instance " + std::to_string(seed));
    double before = 0;
    for (int step = 1; step <= 60; ++step) {
      const double tokens = curve.tiled() ? step : 0.7 * step;
      const double seconds = curve.seconds(tokens);
      EXPECT_GE(seconds, before);
      before = seconds;
      const double margin = 1e-9 * std::max(1.0, seconds);
      EXPECT_LE(curve.hull_seconds(tokens), seconds + margin);
      EXPECT_LE(curve.idle_seconds() + curve.least_rate() * tokens, seconds + margin);
      EXPECT_GE(curve.tokens_within(seconds), tokens);
      // Convexity of the hull.
      EXPECT_LE(2 * curve.hull_seconds(tokens),
                curve.hull_seconds(tokens - 0.5) + curve.hull_seconds(tokens + 0.5) + margin);
      const double most = curve.tokens_within(seconds);
      if (most < 1e100) {
        EXPECT_LE(curve.seconds(curve.tiled() ? most : most * (1 - 1e-9)), seconds * (1 + 1e-9));
      }
    }
  }
}

// balance() against every split on a grid; in whole tokens that is every split.
TEST(Balance, FindsTheBestSplitOfTwoSides) {
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    support::Random random(seed, 9);
    const ExpertInstance instance = testing::tiny_instance(seed);
    const CostCurve curve(instance.cost);
    const double total = static_cast<double>(1 + random.below(40));
    const Side first{static_cast<double>(random.below(20)), random.below(2) == 0 ? 1.0 : 0.6};
    const Side second{static_cast<double>(random.below(20)), random.below(2) == 0 ? 1.0 : 2.0};
    const Split split = balance(curve, total, first, second);
    SCOPED_TRACE("seed " + std::to_string(seed));
    EXPECT_GE(split.tokens, 0);
    EXPECT_LE(split.tokens, total);
    if (curve.tiled()) {
      EXPECT_EQ(split.tokens, std::floor(split.tokens));
    }
    EXPECT_NEAR(split.seconds,
                std::max(first.seconds(curve, total - split.tokens), second.seconds(curve, split.tokens)),
                1e-12 * split.seconds);
    double best = std::numeric_limits<double>::infinity();
    const int steps = curve.tiled() ? static_cast<int>(total) : 200;
    for (int step = 0; step <= steps; ++step) {
      const double tokens = total * step / steps;
      best = std::min(best, std::max(first.seconds(curve, total - tokens), second.seconds(curve, tokens)));
    }
    EXPECT_LE(split.seconds, best * (1 + 1e-9));
  }
}

}  // namespace
}  // namespace plimsoll::experts
