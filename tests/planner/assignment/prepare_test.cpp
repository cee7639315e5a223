// The kernel: what is merged, ruled out, priced and proven impossible at once.
#include "planner/assignment/prepare.hpp"

#include <gtest/gtest.h>

#include "planner/assignment/bound.hpp"
#include "planner/assignment/evaluate.hpp"
#include "tests/planner/assignment/brute_force.hpp"
#include "tests/planner/assignment/random_instance.hpp"

namespace plimsoll::assignment {
namespace {

AssignmentInstance two_bins() {
  AssignmentInstance instance;
  instance.bins = 2;
  instance.items = 4;
  instance.cost = Matrix<double>(2, 4, {1, 2, 3, 4, 8, 7, 6, 5});
  instance.size = Matrix<double>(2, 4, {2, 2, 2, 2, 1, 1, 1, 1});
  instance.capacity = {6, 3};
  return instance;
}

TEST(AssignmentPrepare, MergesWhatStaysTogetherThroughChainsOfLists) {
  AssignmentInstance instance = two_bins();
  instance.together = {{1, 3}, {3, 0}};
  const Prepared prepared(instance);
  ASSERT_EQ(prepared.items, 2);
  EXPECT_EQ(prepared.members[0], (std::vector<int>{0, 1, 3}));
  EXPECT_EQ(prepared.cost.at(0, 0), 7);
  EXPECT_EQ(prepared.dimensions[0].size.at(1, 0), 3);
  EXPECT_EQ(prepared.expand(std::vector<int>{1, 0}).bin_of, (std::vector<int>{1, 1, 0, 1}));
  EXPECT_EQ(prepared.reduce({{1, 1, 0, 1}}), (std::vector<int>{1, 0}));
  EXPECT_TRUE(prepared.reduce({{1, 0, 0, 1}}).empty());
}

TEST(AssignmentPrepare, PinsForbiddenPairsAndSizesAloneRuleOut) {
  AssignmentInstance instance = two_bins();
  instance.pinned = {{0, 1}};
  instance.forbidden = {{1, 0}};
  instance.size.at(0, 2) = 7;
  const Prepared prepared(instance);
  EXPECT_FALSE(prepared.can(0, 0));
  EXPECT_FALSE(prepared.can(0, 1));
  EXPECT_FALSE(prepared.can(0, 2));
  EXPECT_TRUE(prepared.can(0, 3));
  EXPECT_TRUE(prepared.can(1, 2));
}

TEST(AssignmentPrepare, PricesOfChangesStandInTheCosts) {
  AssignmentInstance instance = two_bins();
  instance.current = {0, 1, -1, 0};
  instance.change_price = 10;
  const Prepared prepared(instance);
  EXPECT_EQ(prepared.cost.at(0, 0), 1);
  EXPECT_EQ(prepared.cost.at(1, 0), 18);
  EXPECT_EQ(prepared.cost.at(0, 1), 12);
  EXPECT_EQ(prepared.cost.at(0, 2), 3);  // from nowhere is no change
}

TEST(AssignmentPrepare, KnowsTheStepOfTheObjective) {
  AssignmentInstance instance = two_bins();
  EXPECT_EQ(Prepared(instance).step, 1);
  instance.cost.at(0, 0) = 1.25;
  EXPECT_EQ(Prepared(instance).step, 0.25);
  instance.cost.at(0, 0) = 0.1;
  EXPECT_EQ(Prepared(instance).step, 0);
  instance.cost = Matrix<double>(2, 4, {6, 9, 12, 3, 30, 0, -3, 6});
  const Prepared threes(instance);
  EXPECT_EQ(threes.step, 3);
  EXPECT_EQ(threes.round_up(7.0), 9);
  EXPECT_EQ(threes.round_up(9.0000000001), 9);  // within rounding
  EXPECT_EQ(threes.round_up(-4.0), -3);
}

TEST(AssignmentPrepare, SaysWhyNothingIsPossible) {
  const auto reason = [](auto change) {
    AssignmentInstance instance = two_bins();
    change(instance);
    return Prepared(instance).impossible;
  };
  EXPECT_EQ(reason([](auto&) {}), "");
  EXPECT_NE(reason([](auto& it) {
              it.forbidden = {{2, 0}, {2, 1}};
            }).find("no bin is left for item 2"),
            std::string::npos);
  EXPECT_NE(reason([](auto& it) { it.apart = {{0, 1, 2}}; }).find("3 items must stay apart"), std::string::npos);
  EXPECT_NE(reason([](auto& it) {
              it.apart = {{0, 1}};
              it.together = {{0, 1}};
            }).find("must stay together, yet"),
            std::string::npos);
  EXPECT_NE(reason([](auto& it) { it.capacity = {2, 1}; }).find("all bins together hold 3"), std::string::npos);
  EXPECT_NE(reason([](auto& it) {
              it.capacity = {3, 3};
              it.pinned = {{0, 0}, {1, 0}};
            }).find("the items that can only go into bin 0 need 4, it holds 3"),
            std::string::npos);
  EXPECT_NE(reason([](auto& it) {
              it.current = {0, 0, 0, 0};
              it.pinned = {{0, 1}, {1, 1}};
              it.max_changes = 1;
            }).find("at least 2 items cannot stay where they are, at most 1 may leave"),
            std::string::npos);
}

TEST(AssignmentPrepare, QuickBoundsAndProofsHoldOnRandomInstances) {
  int impossible = 0;
  for (std::uint64_t seed = 0; seed < 600; ++seed) {
    support::Random random(seed, 3);
    const auto objective = seed % 2 == 0 ? AssignmentObjective::cost : AssignmentObjective::makespan;
    const AssignmentInstance instance = testing::random_assignment(random, objective);
    const Prepared prepared(instance);
    const auto best = testing::AssignmentBruteForce(instance).run();
    if (!prepared.impossible.empty()) {
      ++impossible;
      ASSERT_FALSE(best) << seed << ": " << prepared.impossible;
      continue;
    }
    const double bound = prepared.round_up(quick_bound(prepared).value);
    if (best) {
      ASSERT_LE(bound, *best + 1e-9 * std::max(1.0, std::abs(*best))) << seed;
    }
  }
  EXPECT_GT(impossible, 10);
}

}  // namespace
}  // namespace plimsoll::assignment
