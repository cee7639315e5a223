// Against all choices of small knapsacks: whole and real weights, ties, zero weights, profits of any sign.
#include "solvers/knapsack/knapsack.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "solvers/knapsack/forced.hpp"
#include "support/random.hpp"

namespace plimsoll::solvers::knapsack {
namespace {

struct Case {
  std::vector<double> profit;
  std::vector<double> weight;
  double capacity = 0;
  bool whole = true;
};

Case random_case(support::Random& random) {
  Case made;
  made.whole = random.below(3) != 0;
  const std::size_t items = random.below(13);
  const bool correlated = random.below(2) == 0;
  const std::size_t range = 1 + random.below(30);
  for (std::size_t j = 0; j < items; ++j) {
    const double weight =
        made.whole ? static_cast<double>(random.below(range)) : static_cast<double>(range) * random.uniform();
    made.weight.push_back(weight);
    made.profit.push_back(correlated ? weight + random.uniform() * 4 - 1 : 20 * random.uniform() - 5);
  }
  made.capacity = made.whole ? static_cast<double>(random.below(80)) : 80 * random.uniform();
  return made;
}

struct Best {
  double all = 0;
  std::vector<double> in;
  std::vector<double> out;
};

Best enumerate(const Case& made) {
  const std::size_t items = made.profit.size();
  Best best;
  best.in.assign(items, -std::numeric_limits<double>::infinity());
  best.out.assign(items, 0);
  for (std::size_t set = 0; set < (std::size_t{1} << items); ++set) {
    double profit = 0;
    double weight = 0;
    for (std::size_t j = 0; j < items; ++j) {
      if ((set >> j & 1) == 0) continue;
      profit += made.profit[j];
      weight += made.weight[j];
    }
    if (weight > made.capacity) continue;
    best.all = std::max(best.all, profit);
    for (std::size_t j = 0; j < items; ++j) {
      double& kept = (set >> j & 1) != 0 ? best.in[j] : best.out[j];
      kept = std::max(kept, profit);
    }
  }
  return best;
}

TEST(Knapsack, FindsTheBestChoice) {
  support::Random random(1);
  Knapsack knapsack;
  std::vector<int> chosen;
  for (int round = 0; round < 3000; ++round) {
    const Case made = random_case(random);
    const Best best = enumerate(made);
    const Answer answer = knapsack.solve(made.profit, made.weight, made.capacity, chosen);
    ASSERT_NEAR(answer.value, best.all, 1e-9) << round;
    ASSERT_NEAR(answer.upper, best.all, 1e-9) << round;
    double profit = 0;
    double weight = 0;
    for (const int j : chosen) {
      profit += made.profit[static_cast<std::size_t>(j)];
      weight += made.weight[static_cast<std::size_t>(j)];
    }
    ASSERT_NEAR(profit, best.all, 1e-9) << round;
    ASSERT_LE(weight, made.capacity + 1e-9) << round;
  }
}

TEST(Knapsack, ALimitLeavesASafeUpperBound) {
  support::Random random(2);
  Knapsack knapsack;
  std::vector<int> chosen;
  int open = 0;
  for (int round = 0; round < 1000; ++round) {
    const Case made = random_case(random);
    const Best best = enumerate(made);
    const Answer answer = knapsack.solve(made.profit, made.weight, made.capacity, chosen, random.below(6));
    ASSERT_GE(answer.upper, best.all - 1e-9) << round;
    ASSERT_LE(answer.value, best.all + 1e-9) << round;
    open += answer.upper > answer.value + 1e-9 ? 1 : 0;
  }
  EXPECT_GT(open, 50);
}

TEST(Knapsack, ForcedItems) {
  support::Random random(3);
  Forced forced;
  for (int round = 0; round < 2000; ++round) {
    const Case made = random_case(random);
    const Best best = enumerate(made);
    const bool table = made.whole && round % 2 == 0;
    forced.solve(made.profit, made.weight, made.capacity, made.whole, table ? 1'000'000 : 0);
    ASSERT_GE(forced.value(), best.all - 1e-9);
    for (std::size_t j = 0; j < made.profit.size(); ++j) {
      ASSERT_GE(forced.in()[j], best.in[j] - 1e-9) << round << ' ' << j;
      ASSERT_GE(forced.out()[j], best.out[j] - 1e-9) << round << ' ' << j;
      if (!table || made.weight[j] > made.capacity) continue;
      ASSERT_NEAR(forced.in()[j], best.in[j], 1e-9) << round << ' ' << j;
      ASSERT_NEAR(forced.out()[j], best.out[j], 1e-9) << round << ' ' << j;
    }
  }
}

TEST(Knapsack, LargeCapacitiesAndManyItems) {
  support::Random random(4);
  Knapsack knapsack;
  Forced forced;
  std::vector<int> chosen;
  for (int round = 0; round < 20; ++round) {
    std::vector<double> profit;
    std::vector<double> weight;
    double half = 0;
    for (int j = 0; j < 300; ++j) {
      weight.push_back(static_cast<double>(1 + random.below(100)));
      profit.push_back(weight.back() + 10 * random.uniform());
      half += weight.back() / 2;
    }
    const double capacity = std::floor(half);
    const Answer small = knapsack.solve(profit, weight, capacity, chosen);
    forced.solve(profit, weight, capacity, true);
    EXPECT_NEAR(small.value, forced.value(), 1e-7);
    // The same knapsack with everything a thousand million times as heavy.
    for (double& each : weight) each *= 1e9;
    EXPECT_NEAR(knapsack.solve(profit, weight, capacity * 1e9, chosen).value, small.value, 1e-7);
    EXPECT_EQ(small.value, small.upper);
  }
}

}  // namespace
}  // namespace plimsoll::solvers::knapsack
