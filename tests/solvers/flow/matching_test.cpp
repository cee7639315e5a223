#include "solvers/flow/matching.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <numeric>
#include <stdexcept>

#include "support/random.hpp"

namespace plimsoll::solvers::flow {
namespace {

std::int64_t cost_of(int size, const std::vector<std::int64_t>& cost, const std::vector<int>& column_of) {
  std::int64_t sum = 0;
  for (int row = 0; row < size; ++row) {
    sum += cost[static_cast<std::size_t>(row * size + column_of[static_cast<std::size_t>(row)])];
  }
  return sum;
}

bool is_permutation(int size, std::vector<int> columns) {
  std::vector<int> all(static_cast<std::size_t>(size));
  std::iota(all.begin(), all.end(), 0);
  std::sort(columns.begin(), columns.end());
  return columns == all;
}

TEST(LeastCostMatching, OfOneAndNone) {
  EXPECT_TRUE(least_cost_matching(0, {}).empty());
  EXPECT_EQ(least_cost_matching(1, {-7}), std::vector<int>{0});
}

TEST(LeastCostMatching, OfRandomTablesIsTheBestPermutation) {
  for (std::uint64_t seed = 0; seed < 150; ++seed) {
    support::Random random(seed);
    const int size = 1 + static_cast<int>(random.below(6));
    std::vector<std::int64_t> cost(static_cast<std::size_t>(size * size));
    // Negative costs and ties included.
    for (auto& entry : cost) entry = static_cast<std::int64_t>(random.below(15)) - 7;
    const std::vector<int> found = least_cost_matching(size, cost);
    SCOPED_TRACE("seed " + std::to_string(seed));
    ASSERT_TRUE(is_permutation(size, found));
    std::vector<int> order(static_cast<std::size_t>(size));
    std::iota(order.begin(), order.end(), 0);
    std::int64_t best = cost_of(size, cost, order);
    while (std::next_permutation(order.begin(), order.end())) best = std::min(best, cost_of(size, cost, order));
    EXPECT_EQ(cost_of(size, cost, found), best);
  }
}

TEST(LeastCostMatching, OfALargeTableFindsThePlantedOne) {
  const int size = 60;
  std::vector<std::int64_t> cost(static_cast<std::size_t>(size * size), 10);
  for (int row = 0; row < size; ++row) cost[static_cast<std::size_t>(row * size + (row * 7 + 3) % size)] = 0;
  const std::vector<int> found = least_cost_matching(size, cost);
  for (int row = 0; row < size; ++row) EXPECT_EQ(found[static_cast<std::size_t>(row)], (row * 7 + 3) % size);
}

TEST(LeastCostMatching, RefusesWhatIsOutOfRange) {
  EXPECT_THROW(least_cost_matching(2, {1, 2, 3}), std::invalid_argument);
  EXPECT_THROW(least_cost_matching(-1, {}), std::invalid_argument);
  EXPECT_THROW(least_cost_matching(1, {std::numeric_limits<std::int64_t>::max()}), std::invalid_argument);
  EXPECT_THROW(least_cost_matching(1, {std::numeric_limits<std::int64_t>::min()}), std::invalid_argument);
}

}  // namespace
}  // namespace plimsoll::solvers::flow
