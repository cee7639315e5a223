#include "planner/experts/balancer/order.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "plimsoll/error.hpp"
#include "support/random.hpp"

namespace plimsoll::experts::balancer {
namespace {

ExpertInstance shape(int experts, std::vector<int> slots, int nodes = 1) {
  ExpertInstance instance;
  instance.model.experts = experts;
  instance.cluster.nodes = nodes;
  instance.cluster.devices_per_node = static_cast<int>(slots.size()) / nodes;
  instance.cluster.speed.assign(slots.size(), 1.0);
  instance.cluster.slots = std::move(slots);
  instance.cluster.fill_slots = false;
  instance.load = Matrix<double>(1, static_cast<std::size_t>(experts), 1.0);
  return instance;
}

std::vector<int> held_experts(const std::vector<int>& row) {
  std::vector<int> held;
  for (const int expert : row) {
    if (expert >= 0) held.push_back(expert);
  }
  std::sort(held.begin(), held.end());
  held.erase(std::unique(held.begin(), held.end()), held.end());
  return held;
}

// Plays all moves; every expert that had a replica keeps one after every prefix, and sources hold what is copied.
void expect_safe(const std::vector<BalancerMove>& moves, std::vector<int> row, const std::vector<int>& target) {
  for (const BalancerMove& move : moves) {
    const std::vector<int> before = held_experts(row);
    ASSERT_NO_THROW(plimsoll::apply(move, row));
    const std::vector<int> after = held_experts(row);
    EXPECT_TRUE(std::includes(after.begin(), after.end(), before.begin(), before.end()));
  }
  EXPECT_EQ(row, target);
}

// Every expert somewhere; the other slots hold anything, or nothing.
std::vector<int> random_row(support::Random& random, int experts, std::size_t slots, double empty) {
  std::vector<int> row(slots);
  for (std::size_t slot = 0; slot < slots; ++slot) {
    row[slot] = slot < static_cast<std::size_t>(experts) ? static_cast<int>(slot)
                : random.uniform() < empty               ? -1
                                           : static_cast<int>(random.below(static_cast<std::size_t>(experts)));
  }
  for (std::size_t k = slots; k > 1; --k) std::swap(row[k - 1], row[random.below(k)]);
  return row;
}

TEST(BalancerOrder, ReachesAnyTargetFromAnyRowAndNeverLosesAnExpert) {
  support::Random random(5);
  int without_way = 0;
  for (int round = 0; round < 3000; ++round) {
    const int devices = 1 + static_cast<int>(random.below(5));
    const int slots = 1 + static_cast<int>(random.below(4));
    const int total = devices * slots;
    const int experts = std::max(1, total - static_cast<int>(random.below(4)));
    const ExpertInstance instance = shape(experts, std::vector<int>(static_cast<std::size_t>(devices), slots));
    const Prepared prepared(instance);
    const auto standing = random_row(random, experts, static_cast<std::size_t>(total), 0.3);
    const auto target = random_row(random, experts, static_cast<std::size_t>(total), 0.3);
    const auto moves = order_moves(prepared, 0, standing, target, true);
    ASSERT_TRUE(moves);
    expect_safe(*moves, standing, target);
    const auto copies = order_moves(prepared, 0, standing, target, false);
    if (!copies) {
      // Only where no expert has a twin and no slot is free.
      EXPECT_EQ(experts, total);
      ++without_way;
      continue;
    }
    expect_safe(*copies, standing, target);
    for (const BalancerMove& move : *copies) EXPECT_NE(move.kind, MoveKind::exchange);
  }
  EXPECT_GT(without_way, 0);
}

TEST(BalancerOrder, LoadsWhatStandsNowhereFirst) {
  support::Random random(6);
  for (int round = 0; round < 500; ++round) {
    const ExpertInstance instance = shape(5, {2, 2, 3});
    const Prepared prepared(instance);
    auto standing = random_row(random, 5, 7, 0.5);
    std::replace(standing.begin(), standing.end(), static_cast<int>(random.below(5)), -1);
    const auto target = random_row(random, 5, 7, 0.0);
    const auto moves = order_moves(prepared, 0, standing, target, true);
    ASSERT_TRUE(moves);
    expect_safe(*moves, standing, target);
    EXPECT_EQ(std::count_if(moves->begin(), moves->end(), [](const auto& move) { return move.kind == MoveKind::load; }),
              1);
  }
}

TEST(BalancerOrder, TwoExpertsThatWaitForEachOtherAreExchanged) {
  const ExpertInstance instance = shape(3, {1, 1, 1, 1});
  const Prepared prepared(instance);
  const std::vector<int> standing{0, 1, 2, 2};
  const std::vector<int> target{1, 0, 2, 2};
  const auto moves = order_moves(prepared, 0, standing, target, true);
  ASSERT_TRUE(moves);
  ASSERT_EQ(moves->size(), 1U);
  EXPECT_EQ(moves->front().kind, MoveKind::exchange);
  EXPECT_EQ(transfers_of(*moves), 2);
  // By way of the twin of expert 2: there, two copies, and back.
  const auto copies = order_moves(prepared, 0, standing, target, false);
  ASSERT_TRUE(copies);
  EXPECT_EQ(copies->size(), 4U);
  expect_safe(*copies, standing, target);
}

TEST(BalancerOrder, CopiesFromTheSameNodeWhereItCan) {
  const ExpertInstance instance = shape(3, {2, 1, 1, 1}, 2);
  const Prepared prepared(instance);
  const std::vector<int> standing{0, 1, 2, 0, 1};
  const std::vector<int> target{0, 1, 2, 0, 0};
  const auto moves = order_moves(prepared, 0, standing, target, true);
  ASSERT_TRUE(moves);
  ASSERT_EQ(moves->size(), 1U);
  EXPECT_EQ(moves->front().from_slot, 3);
}

TEST(BalancerOrder, WhatStaysOnADeviceKeepsItsSlot) {
  const ExpertInstance instance = shape(4, {3, 3});
  const Prepared prepared(instance);
  EXPECT_EQ(settled(prepared, std::vector<int>{0, 1, -1, 2, 3, 0}, std::vector<int>{1, 2, 0, 0, 3, -1}),
            (std::vector<int>{0, 1, 2, -1, 3, 0}));
}

TEST(BalancerOrder, AMoveThatDoesNotFitIsRefused) {
  std::vector<int> row{0, 1};
  EXPECT_THROW(plimsoll::apply({MoveKind::copy, 0, 1, -1, 0, 1, 0, 1}, row), Error);
  EXPECT_THROW(plimsoll::apply({MoveKind::copy, 0, 0, -1, 0, 2, 0, 1}, row), Error);
  EXPECT_THROW(plimsoll::apply({MoveKind::exchange, 0, 0, 2, 0, 1, 0, 1}, row), Error);
  EXPECT_EQ(row, (std::vector<int>{0, 1}));
}

}  // namespace
}  // namespace plimsoll::experts::balancer
