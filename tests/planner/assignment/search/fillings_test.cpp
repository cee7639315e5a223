// Lists of fillings and covers by them, against looking at every set and every choice.
#include "planner/assignment/search/fillings.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "planner/assignment/search/filling_cover.hpp"
#include "support/random.hpp"

namespace plimsoll::assignment {
namespace {

struct Drawn {
  std::vector<Offer> offers;
  double room = 0;
};

Drawn draw(support::Random& random) {
  Drawn drawn;
  const int count = 1 + static_cast<int>(random.below(10));
  for (int k = 0; k < count; ++k) {
    // Places on both sides of a word's end; some items are worth less than nothing.
    drawn.offers.push_back({20 * random.uniform() - 4, static_cast<double>(random.below(20)), 60 + k});
  }
  drawn.room = static_cast<double>(random.below(60));
  return drawn;
}

// All sets that fit, by loss.
std::vector<Filling> all_sets(const Drawn& drawn) {
  std::vector<Filling> sets;
  double best = 0;
  for (std::size_t set = 0; set < (std::size_t{1} << drawn.offers.size()); ++set) {
    Filling filling;
    double size = 0;
    double profit = 0;
    for (std::size_t k = 0; k < drawn.offers.size(); ++k) {
      if ((set >> k & 1U) == 0) continue;
      filling.items.add(drawn.offers[k].item);
      size += drawn.offers[k].size;
      profit += drawn.offers[k].profit;
    }
    if (size > drawn.room) continue;
    filling.loss = -profit;
    best = std::max(best, profit);
    sets.push_back(filling);
  }
  for (Filling& filling : sets) filling.loss += best;
  std::sort(sets.begin(), sets.end(), [](const Filling& a, const Filling& b) { return a.loss < b.loss; });
  return sets;
}

TEST(Fillings, AreAllThatLoseNoMoreThanTheBudget) {
  support::Random random(1);
  Fillings fillings;
  std::vector<Filling> list;
  std::uint64_t work = 0;
  for (int round = 0; round < 500; ++round) {
    const Drawn drawn = draw(random);
    const double budget = 12 * random.uniform();
    ASSERT_TRUE(fillings.list(drawn.offers, drawn.room, budget, 2000, list, work));
    std::size_t expected = 0;
    const std::vector<Filling> sets = all_sets(drawn);
    while (expected < sets.size() && sets[expected].loss <= budget) ++expected;
    ASSERT_EQ(list.size(), expected) << "round " << round;
    for (std::size_t k = 0; k < list.size(); ++k) {
      ASSERT_NEAR(list[k].loss, sets[k].loss, 1e-9);
      const bool there = std::any_of(sets.begin(), sets.end(), [&](const Filling& set) {
        return set.items == list[k].items && std::abs(set.loss - list[k].loss) < 1e-9;
      });
      ASSERT_TRUE(there) << "round " << round;
    }
  }
  EXPECT_GT(work, 0U);
}

TEST(Fillings, KeepThoseThatLoseLeastWhereTheyAreTooMany) {
  support::Random random(2);
  Fillings fillings;
  std::vector<Filling> list;
  std::uint64_t work = 0;
  int cut = 0;
  for (int round = 0; round < 300; ++round) {
    const Drawn drawn = draw(random);
    const std::vector<Filling> sets = all_sets(drawn);
    const std::size_t most = 5;
    const bool complete = fillings.list(drawn.offers, drawn.room, 1000, most, list, work);
    ASSERT_EQ(complete, sets.size() <= most);
    ASSERT_EQ(list.size(), std::min(most, sets.size()));
    for (std::size_t k = 0; k < list.size(); ++k) ASSERT_NEAR(list[k].loss, sets[k].loss, 1e-9);
    cut += complete ? 0 : 1;
  }
  EXPECT_GT(cut, 100);
  EXPECT_TRUE(fillings.list({{1.0, 1.0, 0}}, -1, 10, 5, list, work));
  EXPECT_TRUE(list.empty());
}

TEST(Fillings, EndWhereTheyTakeTooLong) {
  std::vector<Offer> offers;
  for (int item = 0; item < ItemSet::most_items; ++item) offers.push_back({1.0 + 1e-3 * item, 1, item});
  Fillings fillings;
  std::vector<Filling> list;
  std::uint64_t work = 0;
  EXPECT_FALSE(fillings.list(offers, 64, 1e6, 10, list, work));
  EXPECT_LE(work, 100'000U);
}

using Lists = std::vector<std::vector<Filling>>;

// The least loss of a choice other than `now`, by trying all.
double best_choice(const Lists& lists, ItemSet left, const std::vector<ItemSet>& now, std::size_t bin = 0,
                   bool differs = false) {
  if (bin == lists.size()) return left.empty() && differs ? 0 : std::numeric_limits<double>::infinity();
  double best = std::numeric_limits<double>::infinity();
  for (const Filling& filling : lists[bin]) {
    if (!(filling.items & ~left).empty()) continue;
    best = std::min(best, filling.loss + best_choice(lists, left & ~filling.items, now, bin + 1,
                                                     differs || !(filling.items == now[bin])));
  }
  return best;
}

TEST(FillingCover, IsTheLeastLossOfAllChoices) {
  support::Random random(3);
  FillingCover cover;
  int found = 0;
  int none = 0;
  for (int round = 0; round < 600; ++round) {
    const std::size_t bins = 2 + random.below(3);
    const int items = 3 + static_cast<int>(random.below(5));
    ItemSet all;
    for (int item = 0; item < items; ++item) all.add(61 + item);
    Lists lists(bins);
    for (auto& list : lists) {
      for (int set = 0; set < (1 << items); ++set) {
        if (random.below(3) != 0) continue;
        Filling filling;
        filling.loss = static_cast<double>(random.below(40)) / 4;
        for (int item = 0; item < items; ++item) {
          if ((set >> item & 1) != 0) filling.items.add(61 + item);
        }
        list.push_back(filling);
      }
      std::stable_sort(list.begin(), list.end(), [](const auto& a, const auto& b) { return a.loss < b.loss; });
    }
    std::vector<ItemSet> now;
    for (const auto& list : lists) now.push_back(list.empty() ? ItemSet() : list.front().items);
    const double budget = static_cast<double>(random.below(30)) / 4;
    const double best = best_choice(lists, all, now);
    std::uint64_t work = 0;
    const auto outcome = cover.solve(lists, all, now, budget, 0.01, 1'000'000, work);
    ASSERT_EQ(outcome, best <= budget ? FillingCover::Outcome::found : FillingCover::Outcome::none) << round;
    ASSERT_TRUE(cover.complete());
    if (outcome == FillingCover::Outcome::none) {
      ++none;
      continue;
    }
    ++found;
    double loss = 0;
    ItemSet left = all;
    for (std::size_t bin = 0; bin < bins; ++bin) {
      const auto place = std::find_if(lists[bin].begin(), lists[bin].end(),
                                      [&](const Filling& each) { return each.items == cover.chosen()[bin]; });
      ASSERT_NE(place, lists[bin].end());
      ASSERT_TRUE((place->items & ~left).empty());
      left = left & ~place->items;
      loss += place->loss;
    }
    ASSERT_TRUE(left.empty());
    ASSERT_DOUBLE_EQ(loss, best);
    ASSERT_FALSE(cover.chosen() == now);
    // With a single node nothing can be said.
    ASSERT_EQ(cover.solve(lists, all, now, budget, 0.01, 1, work), FillingCover::Outcome::limit);
    ASSERT_FALSE(cover.complete());
  }
  EXPECT_GT(found, 100);
  EXPECT_GT(none, 50);
}

}  // namespace
}  // namespace plimsoll::assignment
