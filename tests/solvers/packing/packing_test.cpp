// The pieces of packing against plain enumeration on small random items.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <numeric>

#include "solvers/packing/bounds.hpp"
#include "solvers/packing/decide.hpp"
#include "solvers/packing/fill.hpp"
#include "solvers/packing/knapsack.hpp"
#include "solvers/packing/level.hpp"
#include "solvers/packing/subset_sum.hpp"

namespace plimsoll::solvers::packing {
namespace {

std::vector<Size> random_sizes(support::Random& random, std::size_t most_items) {
  constexpr Size scales[] = {3, 12, 100, 10'000, 100'000'000'000};
  const Size scale = scales[random.below(5)];
  const Size least = random.below(2) == 0 ? 0 : scale / 3;
  std::vector<Size> sizes(1 + random.below(most_items));
  for (Size& size : sizes) size = least + static_cast<Size>(random.below(static_cast<std::size_t>(scale - least + 1)));
  std::sort(sizes.begin(), sizes.end(), std::greater<>());
  return sizes;
}

Size optimum(std::span<const Size> sizes, int bins) {
  std::vector<Size> sums(static_cast<std::size_t>(bins), 0);
  Size best = std::accumulate(sizes.begin(), sizes.end(), Size{0});
  const std::function<void(std::size_t, Size)> place = [&](std::size_t item, Size height) {
    if (height > best) return;
    if (item == sizes.size()) {
      best = height;
      return;
    }
    for (std::size_t bin = 0; bin < sums.size(); ++bin) {
      if (std::find(sums.begin(), sums.begin() + static_cast<std::ptrdiff_t>(bin), sums[bin]) !=
          sums.begin() + static_cast<std::ptrdiff_t>(bin)) {
        continue;
      }
      sums[bin] += sizes[item];
      place(item + 1, std::max(height, sums[bin]));
      sums[bin] -= sizes[item];
    }
  };
  place(0, 0);
  return best;
}

Size highest(std::span<const Size> sizes, std::span<const int> bin_of, int bins) {
  const auto sums = heights(sizes, bin_of, bins);
  return *std::max_element(sums.begin(), sums.end());
}

TEST(Packing, AgreesWithEnumeration) {
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    SCOPED_TRACE(seed);
    support::Random random(seed, 3);
    const std::vector<Size> sizes = random_sizes(random, 9);
    const int bins = 1 + static_cast<int>(random.below(5));
    const Size best = optimum(sizes, bins);

    for (const Packing& packing : {longest_first(sizes, bins), multifit(sizes, bins, 0), differencing(sizes, bins)}) {
      ASSERT_EQ(packing.bin_of.size(), sizes.size());
      EXPECT_EQ(packing.height, highest(sizes, packing.bin_of, bins));
      EXPECT_GE(packing.height, best);
    }
    Effort effort(100'000'000);
    EXPECT_LE(counting_bound(sizes, bins), best);
    EXPECT_LE(next_subset_sum(sizes, counting_bound(sizes, bins), effort), best);
    EXPECT_FALSE(dual_feasible_refutes(sizes, bins, best));

    HeightDecision decision(sizes, bins);
    ASSERT_EQ(decision.decide(best, effort), Decision::packed);
    EXPECT_EQ(highest(sizes, decision.bin_of(), bins), best);
    if (best > counting_bound(sizes, bins)) {
      ASSERT_EQ(decision.decide(best - 1, effort), Decision::impossible);
    }

    const Packing filled = fill(sizes, bins, best, {}, random, effort);
    ASSERT_FALSE(filled.bin_of.empty());
    EXPECT_EQ(filled.height, best);
    if (best > counting_bound(sizes, bins)) {
      EXPECT_TRUE(fill(sizes, bins, best - 1, {}, random, effort).bin_of.empty());
    }

    Levelling levelling(sizes, bins, std::vector<int>(sizes.size(), 0), seed);
    Effort steps(2'000'000);
    EXPECT_TRUE(levelling.run(best, steps));
    EXPECT_EQ(highest(sizes, levelling.bin_of(), bins), levelling.height());
  }
}

TEST(Packing, SubsetSumsAndKnapsacksAgreeWithEnumeration) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(seed);
    support::Random random(seed, 4);
    const std::vector<Size> sizes = random_sizes(random, 10);
    std::vector<Size> worths;
    for (std::size_t item = 0; item < sizes.size(); ++item) worths.push_back(static_cast<Size>(random.below(50)));
    const Size total = std::accumulate(sizes.begin(), sizes.end(), Size{0});
    const Size limit = static_cast<Size>(random.below(static_cast<std::size_t>(total + 1)));
    Size sum = 0;
    Size next = total;
    Size worth = 0;
    for (std::uint32_t subset = 0; subset < (1U << sizes.size()); ++subset) {
      Size size = 0;
      Size value = 0;
      for (std::size_t item = 0; item < sizes.size(); ++item) {
        if (((subset >> item) & 1) == 0) continue;
        size += sizes[item];
        value += worths[item];
      }
      if (size >= limit) next = std::min(next, size);
      if (size > limit) continue;
      sum = std::max(sum, size);
      worth = std::max(worth, value);
    }
    Effort effort;
    EXPECT_EQ(largest_subset_sum(sizes, limit, effort), sum);
    EXPECT_EQ(next_subset_sum(sizes, limit, effort), next);
    const Knapsack knapsack = best_filling(sizes, worths, limit, 0, nullptr, effort);
    EXPECT_TRUE(knapsack.proven);
    // Items without worth are left out, and a filling may hold them too.
    EXPECT_EQ(knapsack.worth, worth);
  }
}

// Seven items of 3 and two bins of 10: four do not fit into one, though the mean does. Prices prove it.
TEST(Packing, PricesProveWithoutTolerance) {
  const std::vector<Size> sizes(7, 3);
  const std::vector<Size> worth(7, 1);
  Effort effort;
  EXPECT_TRUE(prices_refute(sizes, 2, 11, worth, effort));
  EXPECT_FALSE(prices_refute(sizes, 2, 12, worth, effort));
  EXPECT_FALSE(prices_refute(sizes, 2, 11, std::vector<Size>(7, -1), effort));
  EXPECT_FALSE(prices_refute(sizes, 2, 11, std::vector<Size>(6, 1), effort));
}

// Broken off again and again, a decision comes to the same answer.
TEST(Packing, DecisionGoesOnWhereItStopped) {
  support::Random random(5, 1);
  std::vector<Size> sizes;
  for (int item = 0; item < 18; ++item) sizes.push_back(1 + static_cast<Size>(random.below(1000)));
  std::sort(sizes.begin(), sizes.end(), std::greater<>());
  Effort effort(1'000'000'000);
  Size height = counting_bound(sizes, 7);
  HeightDecision whole(sizes, 7);
  while (whole.decide(height, effort) == Decision::impossible) ++height;
  ASSERT_FALSE(effort.over());
  for (Size asked = height - 1; asked <= height; ++asked) {
    HeightDecision parts(sizes, 7);
    Decision answer = Decision::open;
    for (int turn = 0; turn < 100'000 && answer == Decision::open; ++turn) {
      Effort turn_effort(3000);
      answer = parts.decide(asked, turn_effort);
    }
    EXPECT_EQ(answer, asked == height ? Decision::packed : Decision::impossible);
  }
}

}  // namespace
}  // namespace plimsoll::solvers::packing
