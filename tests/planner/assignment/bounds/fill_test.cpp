#include "planner/assignment/bounds/fill.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "support/random.hpp"

namespace plimsoll::assignment {
namespace {

double best_of_all_sets(const std::vector<Offer>& offers, double room) {
  double best = 0;
  for (std::size_t set = 0; set < (std::size_t{1} << offers.size()); ++set) {
    double size = 0;
    double profit = 0;
    for (std::size_t k = 0; k < offers.size(); ++k) {
      if ((set >> k & 1U) == 0) continue;
      size += offers[k].size;
      profit += offers[k].profit;
    }
    if (size <= room) best = std::max(best, profit);
  }
  return best;
}

std::vector<Offer> draw(support::Random& random, bool whole, bool alike) {
  std::vector<Offer> offers;
  const int count = 1 + static_cast<int>(random.below(10));
  for (int item = 0; item < count; ++item) {
    const double size = static_cast<double>(random.below(30)) + (whole ? 0 : random.uniform());
    const double profit = alike ? 1.0 : size * (0.8 + 0.4 * random.uniform()) - 1;
    offers.push_back({profit, size, item});
  }
  return offers;
}

TEST(Fill, IsExactOnWholeSizesAndOnOthers) {
  Fill fill;
  for (std::uint64_t seed = 0; seed < 600; ++seed) {
    support::Random random(seed, 3);
    const bool whole = seed % 3 != 0;
    std::vector<Offer> offers = draw(random, whole, seed % 5 == 0);
    const std::vector<Offer> kept = offers;
    const double room = std::floor(60 * random.uniform());
    const double best = best_of_all_sets(kept, room);
    const double upper = fill.solve(offers, room, whole);
    ASSERT_GE(upper, best - 1e-9) << "seed " << seed;
    ASSERT_GE(plain_fill(kept, room, whole), best - 1e-9) << "seed " << seed;
    ASSERT_NEAR(upper, best, 1e-9) << "seed " << seed;
    ASSERT_NEAR(plain_fill(kept, room, whole), best, 1e-9) << "seed " << seed;
    double size = 0;
    double profit = 0;
    for (const int item : fill.chosen()) {
      size += kept[static_cast<std::size_t>(item)].size;
      profit += kept[static_cast<std::size_t>(item)].profit;
    }
    ASSERT_LE(size, room) << "seed " << seed;
    ASSERT_NEAR(profit, best, 1e-9) << "seed " << seed;
  }
}

TEST(Fill, NothingFitsARoomBelowZero) {
  std::vector<Offer> offers{{1, 0, 0}};
  EXPECT_EQ(Fill().solve(offers, -1, true), 0);
  EXPECT_EQ(plain_fill({{1, 0, 0}}, -1, true), 0);
}

}  // namespace
}  // namespace plimsoll::assignment
