#include "executor/routing/planned_routing.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <set>
#include <vector>

#include "executor/routing/grouping.hpp"
#include "support/random.hpp"

namespace plimsoll::executor {
namespace {

void expect_matches(const std::vector<std::int64_t>& loads, int top_k, const Routing& routing) {
  std::vector<std::int64_t> counts(loads.size(), 0);
  ASSERT_EQ(static_cast<std::int64_t>(routing.experts.size()), planned_tokens(loads, top_k) * top_k);
  std::size_t fewest = static_cast<std::size_t>(top_k);
  std::size_t most = 0;
  for (int token = 0; token < routing.tokens(); ++token) {
    std::set<std::int32_t> experts;
    double sum = 0;
    for (int j = 0; j < top_k; ++j) {
      const auto place = static_cast<std::size_t>(token * top_k + j);
      const std::int32_t expert = routing.experts[place];
      sum += static_cast<double>(routing.weights[place]);
      if (expert < 0) {
        EXPECT_EQ(routing.weights[place], 0.0F);
        continue;
      }
      ASSERT_EQ(static_cast<int>(experts.size()), j) << "a gap between the experts of a token";
      ASSERT_TRUE(experts.insert(expert).second);
      EXPECT_GT(routing.weights[place], 0.0F);
      ++counts.at(static_cast<std::size_t>(expert));
    }
    EXPECT_NEAR(sum, 1, 1e-6);
    fewest = std::min(fewest, experts.size());
    most = std::max(most, experts.size());
  }
  EXPECT_EQ(counts, loads);
  if (routing.tokens() > 0) {
    EXPECT_LE(most - fewest, 1U);
  }
}

TEST(PlannedRouting, MatchesRandomLoads) {
  support::Random random(5);
  for (int round = 0; round < 1000; ++round) {
    SCOPED_TRACE(round);
    const std::size_t experts = 1 + random.below(20);
    const int top_k = static_cast<int>(1 + random.below(experts));
    std::vector<std::int64_t> loads(experts);
    for (std::int64_t& load : loads) load = static_cast<std::int64_t>(random.below(4) == 0 ? 0 : random.below(40));
    if (random.below(3) == 0) loads[random.below(experts)] = 200;
    expect_matches(loads, top_k, planned_routing(loads, top_k, static_cast<std::uint64_t>(round)));
  }
}

TEST(PlannedRouting, HandlesTheEdges) {
  const std::vector<std::vector<std::int64_t>> cases{{},        {0, 0},   {1},          {0, 1, 0},
                                                     {1, 1, 1}, {100, 1}, {7, 7, 7, 7}, {3, 0, 0, 3}};
  for (const std::vector<std::int64_t>& loads : cases) expect_matches(loads, 2, planned_routing(loads, 2, 1));
  EXPECT_EQ(planned_routing(std::vector<std::int64_t>{0, 0}, 2, 1).tokens(), 0);
  // One token of one expert, the second place empty.
  EXPECT_EQ(planned_routing(std::vector<std::int64_t>{0, 1}, 2, 1).experts, (std::vector<std::int32_t>{1, -1}));
}

TEST(PlannedRouting, IsAFunctionOfSeedAndStream) {
  const std::vector<std::int64_t> loads{10, 20, 30, 40, 5, 15};
  const Routing first = planned_routing(loads, 3, 7, 1);
  EXPECT_EQ(first.experts, planned_routing(loads, 3, 7, 1).experts);
  EXPECT_EQ(first.weights, planned_routing(loads, 3, 7, 1).weights);
  EXPECT_NE(first.experts, planned_routing(loads, 3, 8, 1).experts);
  EXPECT_NE(first.experts, planned_routing(loads, 3, 7, 2).experts);
}

TEST(PlannedRouting, RoundsRealLoads) {
  EXPECT_EQ(whole_loads(std::vector<double>{1.5, 2.5, 0, 4}, 8), (std::vector<std::int64_t>{2, 2, 0, 4}));
  EXPECT_EQ(whole_loads(std::vector<double>{3, 5, 0}, 8), (std::vector<std::int64_t>{3, 5, 0}));
  EXPECT_EQ(whole_loads(std::vector<double>{0, 0}, 0), (std::vector<std::int64_t>{0, 0}));
}

TEST(Grouping, TurnsARoutingAround) {
  const Routing routing{2, {1, 0, 2, -1, 0, 2}, std::vector<float>(6)};
  ExpertTokens grouped;
  for (int again = 0; again < 2; ++again) {
    group_by_expert(routing, 4, grouped);
    EXPECT_EQ(grouped.begin, (std::vector<std::int32_t>{0, 2, 3, 5, 5}));
    EXPECT_EQ(grouped.tokens, (std::vector<std::int32_t>{0, 2, 0, 1, 2}));
    EXPECT_EQ(grouped.parts, (std::vector<std::int32_t>{1, 4, 0, 2, 5}));
  }
  EXPECT_EQ(grouped.count(2), 2);
}

}  // namespace
}  // namespace plimsoll::executor
