// Bounds on instances whose optimum is known by a short argument, and what all of them must keep to.
#include "planner/experts/bound.hpp"

#include <gtest/gtest.h>

#include "planner/experts/solve.hpp"
#include "tests/planner/experts/brute_force.hpp"
#include "tests/planner/experts/random_instance.hpp"

namespace plimsoll::experts {
namespace {

ExpertInstance simple(int devices, int slots, std::vector<double> load) {
  ExpertInstance instance;
  instance.model.experts = static_cast<int>(load.size());
  instance.cluster.devices_per_node = devices;
  instance.cluster.slots.assign(static_cast<std::size_t>(devices), slots);
  instance.cluster.speed.assign(static_cast<std::size_t>(devices), 1.0);
  instance.load = Matrix<double>(1, load.size(), load);
  return instance;
}

// At most the optimum, and at least this much of it.
void expect_bound(const ExpertInstance& instance, double optimum, double part = 1 - 1e-6) {
  const double bound = recompute_bound(instance);
  EXPECT_LE(bound, optimum * (1 + 1e-12));
  EXPECT_GE(bound, part * optimum);
}

TEST(Bound, Area) {
  expect_bound(simple(2, 2, {6, 4, 2}), 6);
  ExpertInstance instance = simple(2, 2, {6, 4, 2});
  instance.cluster.speed = {1, 0.5};
  expect_bound(instance, 8);
  instance.cluster.dead = {1};
  instance.cluster.slots = {3, 2};
  expect_bound(instance, 12);
}

TEST(Bound, LargestExpertAgainstItsReplicas) {
  // Four experts in five slots: the large one gets two replicas at most.
  ExpertInstance instance = simple(5, 1, {100, 1, 1, 1});
  expect_bound(instance, 50);
  instance.dispatch = Dispatch::even;
  expect_bound(instance, 50);
}

TEST(Bound, SeesFixedCharges) {
  ExpertInstance instance = simple(2, 2, {6, 6});
  instance.cost.replica_seconds = 3;
  expect_bound(instance, 9);
  // One slot per device and one expert: 10 alone with a charge, or 5 each with a charge each.
  instance = simple(2, 1, {10});
  instance.cost.replica_seconds = 4;
  instance.cluster.fill_slots = false;
  expect_bound(instance, 9);
}

TEST(Bound, SeesTiles) {
  ExpertInstance instance = simple(2, 2, {1, 1});
  instance.cost.tile_tokens = 128;
  expect_bound(instance, 128);
  instance = simple(2, 2, {129, 128});
  instance.cost.tile_tokens = 128;
  expect_bound(instance, 256);
}

TEST(Bound, SeesTables) {
  ExpertInstance instance = simple(1, 2, {4, 4});
  instance.cost.expert_seconds = {{0, 0}, {4, 10}, {100, 20}};
  expect_bound(instance, 20);
}

TEST(Bound, SeesThatLargePiecesDoNotShareADevice) {
  // Three experts of 10 on two devices, a slot each too few to split anything: two stand together.
  ExpertInstance instance = simple(2, 2, {10, 10, 10, 1});
  instance.dispatch = Dispatch::even;
  expect_bound(instance, 20);
}

TEST(Bound, SeesGroups) {
  ExpertInstance instance = simple(2, 3, {8, 8, 1, 1});
  instance.cluster.nodes = 2;
  instance.cluster.devices_per_node = 1;
  instance.model.groups = 2;
  instance.keep_groups_on_a_node = true;
  expect_bound(instance, 16);
}

TEST(Bound, SeesMemory) {
  ExpertInstance instance = simple(4, 1, {90, 1});
  instance.cluster.fill_slots = false;
  expect_bound(instance, 30, 0.7);
  instance.model.layers = 2;
  instance.load = Matrix<double>(2, 2, std::vector<double>{90, 1, 90, 1});
  // Four replicas of eight: each layer has two.
  instance.model.expert_bytes = 1;
  instance.cluster.memory_bytes = 1;
  expect_bound(instance, 180);
}

TEST(Bound, SeesWhatStandsUnderAMoveLimit) {
  ExpertInstance instance = simple(2, 2, {8, 8, 0});
  instance.cluster.fill_slots = false;
  instance.placement = Matrix<int>(1, 4, std::vector<int>{0, 1, 2, -1});
  instance.limits.max_moves = 0;
  expect_bound(instance, 16);
}

TEST(Bound, OfZeroLoadIsWhatEverythingElseTakes) {
  ExpertInstance instance = simple(2, 2, {0, 0, 0});
  instance.cost.other_seconds = 2;
  EXPECT_NEAR(recompute_bound(instance), 2, 1e-9);
}

TEST(Bound, TightenedIsNeverBelowQuickAndNeverAboveTheOptimum) {
  int exact = 0;
  int tight = 0;
  for (std::uint64_t seed = 50'000; seed < 50'150; ++seed) {
    const ExpertInstance instance = testing::tiny_instance(seed);
    const testing::BruteForceResult best = testing::brute_force(instance);
    if (!best.objective) continue;
    SCOPED_TRACE("tiny instance " + std::to_string(seed));
    const Prepared prepared(instance);
    const double quick = quick_bounds(prepared).objective;
    const double bound = recompute_bound(instance);
    EXPECT_LE(quick, bound);
    EXPECT_LE(bound, *best.objective + 1e-9 * std::max(1.0, *best.objective));
    if (!best.exact) continue;
    ++exact;
    tight += bound >= 0.95 * *best.objective ? 1 : 0;
  }
  RecordProperty("exact", exact);
  RecordProperty("within_five_percent", tight);
  EXPECT_GE(tight * 100, exact * 40);
}

}  // namespace
}  // namespace plimsoll::experts
