#include "executor/routing/apportion.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "executor/routing/largest_remainder.hpp"
#include "plimsoll/error.hpp"
#include "support/random.hpp"

namespace plimsoll::executor {
namespace {

std::vector<std::int64_t> parts_of(std::int64_t total, const std::vector<double>& weights) {
  std::vector<std::int64_t> parts(weights.size());
  largest_remainder(total, weights, parts);
  return parts;
}

TEST(LargestRemainder, RoundsUpOrDownAndSums) {
  support::Random random(6);
  for (int round = 0; round < 2000; ++round) {
    const std::size_t count = 1 + random.below(8);
    std::vector<double> weights(count);
    for (double& weight : weights) weight = random.below(3) == 0 ? 0 : random.uniform();
    weights[random.below(count)] = 0.5;
    const auto total = static_cast<std::int64_t>(random.below(1000));
    const std::vector<std::int64_t> parts = parts_of(total, weights);
    double sum = 0;
    for (const double weight : weights) sum += weight;
    std::int64_t all = 0;
    for (std::size_t i = 0; i < count; ++i) {
      all += parts[i];
      EXPECT_LE(std::abs(static_cast<double>(parts[i]) - static_cast<double>(total) * weights[i] / sum), 1 + 1e-9);
      if (weights[i] == 0) {
        EXPECT_EQ(parts[i], 0);
      }
    }
    EXPECT_EQ(all, total);
  }
}

TEST(LargestRemainder, TiesGoInOrderAndLargeNumbersSum) {
  EXPECT_EQ(parts_of(2, {1, 1, 1}), (std::vector<std::int64_t>{1, 1, 0}));
  EXPECT_EQ(parts_of(1, {0, 1, 1}), (std::vector<std::int64_t>{0, 1, 0}));
  const std::int64_t large = std::int64_t{1} << 52;
  const std::vector<std::int64_t> parts = parts_of(large, {0.1, 0.2, 0.3, 0.4});
  EXPECT_EQ(parts[0] + parts[1] + parts[2] + parts[3], large);
}

ExpertPlan plan_of(std::vector<int> slots, std::vector<double> shares, std::vector<std::int64_t> tokens = {}) {
  const std::size_t columns = slots.size();
  ExpertPlan plan;
  plan.slots = Matrix<int>(1, columns, std::move(slots));
  plan.shares = Matrix<double>(1, columns, std::move(shares));
  if (!tokens.empty()) plan.tokens = Matrix<std::int64_t>(1, columns, std::move(tokens));
  return plan;
}

using Ranges = std::vector<TokenRange>;
using Counts = std::vector<std::int64_t>;

TEST(Apportion, ReplicasFollowEachOther) {
  const ExpertPlan plan = plan_of({1, 0, -1, 1, 1}, {0.5, 1, 0, 0.25, 0.25});
  EXPECT_EQ(apportion(plan, 0, Counts{3, 8}), (Ranges{{0, 4}, {0, 3}, {}, {4, 6}, {6, 8}}));
  EXPECT_EQ(apportion(plan, 0, Counts{0, 1}), (Ranges{{0, 1}, {}, {}, {1, 1}, {1, 1}}));
}

TEST(Apportion, ReplicasWithoutAShareGetNothing) {
  const ExpertPlan plan = plan_of({0, 0, 0}, {0, 0.5, 0.5});
  EXPECT_EQ(apportion(plan, 0, Counts{3}), (Ranges{{0, 0}, {0, 2}, {2, 3}}));
}

TEST(Apportion, TakesThePlansTokensWhereTheyAreAll) {
  const ExpertPlan plan = plan_of({0, 0}, {0.5, 0.5}, {3, 7});
  EXPECT_EQ(apportion(plan, 0, Counts{10}), (Ranges{{0, 3}, {3, 10}}));
  EXPECT_EQ(apportion(plan, 0, Counts{20}), (Ranges{{0, 6}, {6, 20}}));
}

TEST(Apportion, TokensThatNoPlanForesaw) {
  EXPECT_EQ(apportion(plan_of({0, 0}, {0, 0}), 0, Counts{5}), (Ranges{{0, 3}, {3, 5}}));
  EXPECT_EQ(apportion(plan_of({0, 0}, {0.5, 0.5}, {0, 0}), 0, Counts{5}), (Ranges{{0, 3}, {3, 5}}));
  EXPECT_THROW(static_cast<void>(apportion(plan_of({0}, {1}), 0, Counts{1, 1})), Error);
}

}  // namespace
}  // namespace plimsoll::executor
