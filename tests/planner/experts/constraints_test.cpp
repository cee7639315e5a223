// Each constraint of the format on an instance where it binds: the plan keeps it, and without it a plan that breaks it
// would have been better. So each test fails if the constraint is forgotten.
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "planner/experts/evaluate.hpp"
#include "plimsoll/solve.hpp"
#include "support/random.hpp"
#include "tests/planner/experts/judge.hpp"
#include "tests/planner/experts/shipped.hpp"

namespace plimsoll {
namespace {

using testing::solve_with;

ExpertInstance simple(int devices, std::vector<int> slots, std::vector<double> load, int layers = 1) {
  ExpertInstance instance;
  instance.model.layers = layers;
  instance.model.experts = static_cast<int>(load.size()) / layers;
  instance.cluster.devices_per_node = devices;
  instance.cluster.slots = std::move(slots);
  instance.cluster.speed.assign(static_cast<std::size_t>(devices), 1.0);
  instance.load =
      Matrix<double>(static_cast<std::size_t>(layers), load.size() / static_cast<std::size_t>(layers), load);
  return instance;
}

ExpertSolution solved(const ExpertInstance& instance) {
  ExpertSolution solution = solve_with(instance, "auto", 500'000);
  EXPECT_TRUE(solution.certificate.objective.has_value()) << solution.certificate.reason;
  EXPECT_EQ(check(instance, solution.plan, &solution.certificate), std::vector<std::string>{});
  return solution;
}

double objective(const ExpertInstance& instance) { return solved(instance).certificate.objective.value_or(NAN); }

// The plan made without the constraint must be refused with it.
void expect_binds(const ExpertInstance& without, const ExpertInstance& with, double cost_without, double cost_with) {
  const ExpertSolution free = solved(without);
  EXPECT_NEAR(*free.certificate.objective, cost_without, 1e-6);
  EXPECT_FALSE(check(with, free.plan).empty());
  EXPECT_NEAR(objective(with), cost_with, 1e-6);
}

TEST(Constraint, SlotsOfEachDevice) {
  // Three experts of 4: two slots on the first device, one on the second, none on the third.
  EXPECT_NEAR(objective(simple(3, {1, 1, 1}, {4, 4, 4})), 4, 1e-6);
  EXPECT_NEAR(objective(simple(3, {2, 1, 0}, {4, 4, 4})), 8, 1e-6);
}

TEST(Constraint, Speed) {
  ExpertInstance instance = simple(2, {2, 2}, {6, 6});
  EXPECT_NEAR(objective(instance), 6, 1e-6);
  instance.cluster.speed = {1, 0.5};
  EXPECT_NEAR(objective(instance), 8, 1e-6);
  instance.dispatch = Dispatch::even;
  instance.cluster.duplicates = false;
  // Halves of both on both devices.
  EXPECT_NEAR(objective(instance), 12, 1e-6);
}

TEST(Constraint, DeadDevices) {
  const ExpertInstance without = simple(3, {2, 2, 2}, {6, 6, 6});
  ExpertInstance with = without;
  with.cluster.dead = {1};
  expect_binds(without, with, 6, 9);
  const ExpertPlan plan = solved(with).plan;
  EXPECT_EQ(plan.slots.at(0, 2), -1);
  EXPECT_EQ(plan.slots.at(0, 3), -1);
}

TEST(Constraint, MemoryOverLayers) {
  // Two slots on each device in each of two layers, memory for three replicas: one layer has to do without a replica.
  ExpertInstance without = simple(2, {2, 2}, {8, 4, 8, 4}, 2);
  without.model.expert_bytes = 10;
  without.cluster.fill_slots = false;
  ExpertInstance with = without;
  with.cluster.memory_bytes = 20;
  expect_binds(without, with, 12, 16);
  with.cluster.memory_bytes = 30;
  EXPECT_NEAR(objective(with), 12, 1e-6);
}

TEST(Constraint, MemoryThatIsTooSmallIsSaid) {
  ExpertInstance instance = simple(2, {2, 2}, {8, 4, 2, 8, 4, 2}, 2);
  instance.model.expert_bytes = 1024.0 * 1024 * 1024;
  instance.cluster.memory_bytes = 2 * instance.model.expert_bytes;
  instance.cluster.fill_slots = false;
  const Certificate certificate = solve_with(instance, "auto").certificate;
  EXPECT_EQ(certificate.status, Status::infeasible);
  EXPECT_NE(certificate.reason.find("2 GiB more"), std::string::npos) << certificate.reason;
}

TEST(Constraint, Duplicates) {
  // Even: two copies of the first expert on the fast device serve 2/3 of it there.
  ExpertInstance without = simple(2, {2, 2}, {12, 2});
  without.cluster.speed = {2, 1};
  without.dispatch = Dispatch::even;
  ExpertInstance with = without;
  with.cluster.duplicates = false;
  expect_binds(without, with, 6, 7);
}

TEST(Constraint, FilledSlots) {
  // Even, with a charge for every replica: a slot that has to be filled costs.
  ExpertInstance without = simple(2, {2, 2}, {4, 4});
  without.dispatch = Dispatch::even;
  without.cost.replica_seconds = 1;
  without.cluster.fill_slots = false;
  ExpertInstance with = without;
  with.cluster.fill_slots = true;
  expect_binds(without, with, 5, 6);
}

TEST(Constraint, EvenDispatch) {
  const ExpertInstance without = simple(2, {2, 1}, {10, 2});
  ExpertInstance with = without;
  with.dispatch = Dispatch::even;
  // Weighted: 4 of the first beside the second, 6 alone. Even: 5 + 2 on one device.
  expect_binds(without, with, 6, 7);
}

TEST(Constraint, GroupsOnANode) {
  // One group has nearly all the load; kept together it has one node of two.
  ExpertInstance without = simple(2, {3, 3}, {8, 8, 1, 1});
  without.cluster.nodes = 2;
  without.cluster.devices_per_node = 1;
  without.model.groups = 2;
  ExpertInstance with = without;
  with.keep_groups_on_a_node = true;
  expect_binds(without, with, 9, 16);
}

TEST(Constraint, TilesOfWholeTokens) {
  const ExpertInstance without = simple(2, {2, 2}, {10, 2});
  ExpertInstance with = without;
  with.cost.tile_tokens = 4;
  const ExpertSolution solution = solved(with);
  // Three tiles and one tile on two devices.
  EXPECT_NEAR(*solution.certificate.objective, 8, 1e-6);
  EXPECT_NEAR(objective(without), 6, 1e-6);
  EXPECT_EQ(solution.plan.tokens.columns(), 4U);
  EXPECT_FALSE(check(with, solved(without).plan).empty());
}

TEST(Constraint, ReplicaCost) {
  ExpertInstance instance = simple(2, {1, 1}, {10});
  EXPECT_NEAR(objective(instance), 5, 1e-6);
  instance.cost.replica_seconds = 2;
  EXPECT_NEAR(objective(instance), 7, 1e-6);
  instance.cost.replica_seconds = 20;
  EXPECT_NEAR(objective(instance), 25, 1e-6);
}

TEST(Constraint, PiecewiseLinearCost) {
  ExpertInstance instance = simple(2, {1, 1}, {10});
  instance.cost.expert_seconds = {{0, 3}, {4, 3}, {10, 15}};
  // 5 tokens each: 3 + 2.
  EXPECT_NEAR(objective(instance), 5, 1e-6);
}

TEST(Constraint, OtherSeconds) {
  ExpertInstance instance = simple(2, {1, 1}, {10, 6, 4, 4}, 2);
  const double without = objective(instance);
  instance.cost.other_seconds = 2.5;
  EXPECT_NEAR(objective(instance), without + 5, 1e-6);
}

ExpertInstance standing() {
  // Both large experts on one device; one slot elsewhere is free.
  ExpertInstance instance = simple(2, {2, 2}, {8, 8, 0});
  instance.cluster.fill_slots = false;
  instance.placement = Matrix<int>(1, 4, std::vector<int>{0, 1, 2, -1});
  return instance;
}

TEST(Constraint, MoveBudget) {
  ExpertInstance without = standing();
  ExpertInstance with = without;
  with.limits.max_moves = 0;
  expect_binds(without, with, 8, 16);
  EXPECT_EQ(solved(with).metrics.moves, 0);
  with.limits.max_moves = 1;
  EXPECT_NEAR(objective(with), 8, 1e-6);
}

TEST(Constraint, MoveBudgetOfEachDevice) {
  ExpertInstance without = standing();
  ExpertInstance with = without;
  with.limits.max_moves_per_device = 0;
  expect_binds(without, with, 8, 16);
  with.limits.max_moves_per_device = 1;
  EXPECT_NEAR(objective(with), 8, 1e-6);
}

TEST(Constraint, PriceOfAMove) {
  ExpertInstance instance = standing();
  instance.move_seconds = 3;
  EXPECT_NEAR(objective(instance), 11, 1e-6);
  instance.move_seconds = 9;
  EXPECT_NEAR(objective(instance), 16, 1e-6);
  EXPECT_EQ(solved(instance).metrics.moves, 0);
}

TEST(Constraint, ExpertsWithoutADeviceAndWithoutAMoveAreProvenImpossible) {
  ExpertInstance instance = standing();
  instance.placement = Matrix<int>(1, 4, std::vector<int>{0, 1, -1, -1});
  instance.limits.max_moves = 0;
  const Certificate certificate = solve_with(instance, "auto").certificate;
  EXPECT_EQ(certificate.status, Status::infeasible);
  EXPECT_NE(certificate.reason.find("expert 2"), std::string::npos) << certificate.reason;
}

// 58 x 256 on 32 devices with everything at once.
ExpertInstance everything() {
  support::Random random(7);
  ExpertInstance instance;
  instance.model = {58, 256, 8, 8, 1e6, 0, 0, 0};
  auto& cluster = instance.cluster;
  cluster.nodes = 4;
  cluster.devices_per_node = 8;
  cluster.slots.assign(32, 11);
  cluster.slots[5] = 9;
  cluster.speed.assign(32, 1.0);
  for (std::size_t device = 0; device < 32; device += 2) cluster.speed[device] = 0.6;
  cluster.dead = {3, 20};
  cluster.memory_bytes = 580e6;
  cluster.fill_slots = false;
  instance.cost.tile_tokens = 128;
  instance.cost.token_seconds = 1e-6;
  instance.cost.replica_seconds = 1e-5;
  instance.cost.other_seconds = 1e-3;
  instance.keep_groups_on_a_node = true;
  instance.load = Matrix<double>(58, 256);
  for (std::size_t layer = 0; layer < 58; ++layer) {
    for (double& load : instance.load.row(layer)) load = std::floor(2000 * std::exp(random.normal()));
  }
  // What stands: the experts of a group in turn on the live devices of its node. Two groups share a node.
  Matrix<int> placement(58, 350, -1);
  std::vector<std::size_t> first(33, 0);
  for (std::size_t d = 0; d < 32; ++d) first[d + 1] = first[d] + static_cast<std::size_t>(cluster.slots[d]);
  for (std::size_t layer = 0; layer < 58; ++layer) {
    std::vector<std::size_t> next(first.begin(), first.end() - 1);
    std::size_t device = 0;
    for (int expert = 0; expert < 256; ++expert) {
      const std::size_t node = static_cast<std::size_t>(expert / 64);
      do {
        device = node * 8 + (device + 1) % 8;
      } while (device == 3 || device == 20 || next[device] == first[device + 1]);
      placement.at(layer, next[device]++) = expert;
    }
  }
  instance.placement = std::move(placement);
  instance.limits.max_moves = 400;
  instance.limits.max_moves_per_device = 30;
  instance.move_seconds = 1e-6;
  return instance;
}

TEST(Everything, AtOnceGivesAVerifiedPlan) {
  const ExpertInstance instance = everything();
  const ExpertSolution standing = solve_with(instance, "shares");
  std::optional<double> before = standing.certificate.objective;
  ASSERT_TRUE(before.has_value());
  for (const std::uint64_t work : {20'000'000, 200'000'000}) {
    const ExpertSolution solution = solve_with(instance, "auto", work);
    ASSERT_TRUE(solution.certificate.objective.has_value()) << solution.certificate.reason;
    EXPECT_TRUE(solution.certificate.verified);
    EXPECT_LE(*solution.certificate.objective, *before);
    EXPECT_LE(*solution.certificate.bound, *solution.certificate.objective);
    EXPECT_GT(*solution.certificate.bound, 0.3 * *solution.certificate.objective);
    EXPECT_LE(solution.metrics.moves, 400);
    EXPECT_EQ(check(instance, solution.plan, &solution.certificate), std::vector<std::string>{});
    EXPECT_TRUE(testing::judge(instance, solution.plan).has_value());
    before = solution.certificate.objective;
  }
  // The moves are worth far more than they cost.
  EXPECT_LT(*before, 0.8 * *standing.certificate.objective);
}

TEST(Everything, AfreshGivesAVerifiedPlanToo) {
  ExpertInstance instance = everything();
  instance.placement.reset();
  instance.limits = {};
  instance.move_seconds = 0;
  const ExpertSolution solution = solve_with(instance, "auto", 20'000'000);
  ASSERT_TRUE(solution.certificate.objective.has_value()) << solution.certificate.reason;
  EXPECT_EQ(check(instance, solution.plan, &solution.certificate), std::vector<std::string>{});
  EXPECT_LE(*solution.certificate.gap, 0.2);
}

}  // namespace
}  // namespace plimsoll
