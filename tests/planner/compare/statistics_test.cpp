// Against numbers worked out by hand.
#include "planner/compare/statistics.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace plimsoll::compare {
namespace {

TEST(Statistics, Means) {
  EXPECT_FALSE(mean({}));
  EXPECT_FALSE(shifted_geometric_mean({}, 1));
  EXPECT_DOUBLE_EQ(*mean({1, 2, 6}), 3);
  // (0 + 1) (3 + 1) (15 + 1) = 64, its cube root 4.
  EXPECT_NEAR(*shifted_geometric_mean({0, 3, 15}, 1), 3, 1e-12);
  EXPECT_NEAR(*shifted_geometric_mean({7}, 10), 7, 1e-12);
  EXPECT_EQ(*shifted_geometric_mean({0, 0}, 1), 0);
}

TEST(Statistics, SignTest) {
  EXPECT_EQ(sign_test(0, 0), 1);
  EXPECT_EQ(sign_test(3, 3), 1);
  EXPECT_NEAR(sign_test(5, 0), 2.0 / 32, 1e-12);
  EXPECT_NEAR(sign_test(0, 6), 2.0 / 64, 1e-12);
  EXPECT_NEAR(sign_test(9, 1), 2.0 * 11 / 1024, 1e-12);
  EXPECT_NEAR(sign_test(2, 1), 1, 1e-12);
  const double rare = sign_test(5000, 4000);
  EXPECT_GT(rare, 0);
  EXPECT_LT(rare, 1e-20);
}

TEST(Statistics, PerformanceProfile) {
  // Ratios of the first: 1, 1, never; of the second: 2, 4 (from 0.5 and 2), 1.
  const auto profiles = performance_profiles({{1.0, 0.1, std::nullopt}, {2.0, 2.0, 3.0}}, 0.5);
  ASSERT_EQ(profiles.size(), 2U);
  EXPECT_EQ(profiles[0], (Curve{{1, 2.0 / 3}}));
  EXPECT_EQ(profiles[1], (Curve{{1, 1.0 / 3}, {2, 2.0 / 3}, {4, 1}}));
}

TEST(Statistics, ProfileWhereNothingDiffersOrNobodySolves) {
  EXPECT_EQ(performance_profiles({{0.0, 0.0}, {0.0, 0.0}}, 1e-4)[1], (Curve{{1, 1}}));
  EXPECT_EQ(performance_profiles({{std::nullopt}, {std::nullopt}}, 1)[0], (Curve{{1, 0}}));
  EXPECT_TRUE(performance_profiles({}, 1).empty());
}

TEST(Statistics, CountsUntil) {
  EXPECT_TRUE(counted_until({}).empty());
  EXPECT_EQ(counted_until({3, 1, 3}), (Curve{{1, 1}, {3, 3}}));
}

TEST(Statistics, MeanOfSteps) {
  const Curve found = mean_of_steps({{{0, 1}, {2, 0.5}, {4, 0}}, {{0, 1}, {2, 0.1}}});
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0], (std::pair{0.0, 1.0}));
  EXPECT_DOUBLE_EQ(found[1].second, 0.3);
  EXPECT_DOUBLE_EQ(found[2].second, 0.05);
}

TEST(Statistics, MeanOfManyStepsEndsWhereTheyEnd) {
  std::vector<Curve> curves;
  for (int c = 0; c < 50; ++c) {
    Curve curve{{0, 1}};
    for (int k = 1; k <= 40; ++k) curve.emplace_back(k + 0.001 * c, 1.0 / (k * (c + 1)));
    curve.emplace_back(100, 0);
    curves.push_back(curve);
  }
  EXPECT_EQ(mean_of_steps(curves).back(), (std::pair{100.0, 0.0}));
}

}  // namespace
}  // namespace plimsoll::compare
