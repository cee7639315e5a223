// The evaluation of steps on plans small enough to be worked out by hand.
#include "planner/experts/step/evaluate.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "tests/planner/experts/step/small_step.hpp"

namespace plimsoll::experts::step {
namespace {

using testing::add_replica;
using testing::expect_holds;
using testing::expect_violation;
using testing::from_host;
using testing::gradient;
using testing::still;
using testing::two_devices;
using testing::weights;

const std::vector<int> apart = {0, -1, 1, -1};

TEST(EvaluateStep, SumsTheWindowsOfAllMicrosteps) {
  StepInstance step = two_devices({{6, 2, 1, 3}, {4, 5, 0, 0}});
  step.experts.cost.other_seconds = 0.5;
  const Evaluation evaluation = expect_holds(step, still(step, apart));
  EXPECT_EQ(evaluation.window_seconds, (std::vector<double>{6.5, 3.5, 5.5, 0.5}));
  EXPECT_EQ(evaluation.window_start, (std::vector<double>{0, 6.5, 10, 15.5}));
  EXPECT_EQ(evaluation.waited, (std::vector<double>{0, 0, 0, 0}));
  EXPECT_DOUBLE_EQ(evaluation.objective, 16);
  EXPECT_DOUBLE_EQ(evaluation.metrics.step_seconds, 16);
  EXPECT_DOUBLE_EQ(evaluation.metrics.expert_seconds, 14);
  EXPECT_DOUBLE_EQ(evaluation.metrics.exposed_seconds, 0);
  // Three windows with load: 6 / 4, 3 / 2, 5 / 4.5.
  EXPECT_DOUBLE_EQ(evaluation.metrics.imbalance, (1.5 + 1.5 + 5 / 4.5) / 3);
  EXPECT_DOUBLE_EQ(evaluation.metrics.worst_imbalance, 1.5);
  EXPECT_DOUBLE_EQ(evaluation.device_seconds[1].at(0, 1), 5);
}

TEST(EvaluateStep, FollowsTheSchedule) {
  StepInstance step = two_devices({{6, 2}, {4, 1}});
  step.schedule = {{Pass::forward, 1}, {Pass::forward, 0}};
  EXPECT_EQ(expect_holds(step, still(step, apart)).window_seconds, (std::vector<double>{4, 6}));
}

TEST(EvaluateStep, HasADefaultSchedule) {
  StepInstance step = two_devices({{6, 2}, {4, 1}});
  step.schedule.clear();
  EXPECT_EQ(evaluate(step, still(step, apart)).window_seconds, (std::vector<double>{6, 4}));
  step.gradient_return = true;
  EXPECT_EQ(evaluate(step, still(step, apart)).window_seconds, (std::vector<double>{6, 12, 4, 8}));
}

TEST(EvaluateStep, WaitsForWhatMustArrive) {
  const StepInstance step = two_devices({{6, 2}});
  StepPlan plan = still(step, apart);
  add_replica(plan, 0, 0, 3, 0, 0, 1.0 / 3);
  plan.transfers = {weights(0, 0, 0, 0, 1, 0, 1)};
  Evaluation evaluation = expect_holds(step, plan);
  EXPECT_EQ(evaluation.waited, std::vector<double>{1});
  EXPECT_EQ(evaluation.window_start, std::vector<double>{1});
  EXPECT_DOUBLE_EQ(evaluation.objective, 5);
  EXPECT_DOUBLE_EQ(evaluation.metrics.exposed_seconds, 1);
  EXPECT_EQ(evaluation.metrics.transfers, 1);
  EXPECT_DOUBLE_EQ(evaluation.metrics.transferred_bytes, 10);
  // A later transfer is waited for as well.
  plan.transfers = {weights(0, 0, 0, 0, 1, 2, 3.5)};
  EXPECT_DOUBLE_EQ(expect_holds(step, plan).objective, 7.5);
}

TEST(EvaluateStep, HidesTransfersBehindEarlierWindows) {
  const StepInstance step = two_devices({{3, 3}, {6, 2}});
  StepPlan plan = still(step, apart);
  add_replica(plan, 1, 0, 3, 0, 0, 1.0 / 3);
  plan.transfers = {from_host(1, 0, 0, 0, 1, 1, 3)};
  const Evaluation evaluation = expect_holds(step, plan);
  EXPECT_DOUBLE_EQ(evaluation.objective, 7);
  EXPECT_DOUBLE_EQ(evaluation.metrics.exposed_seconds, 0);
}

TEST(EvaluateStep, RunsBackwardPassesInReverse) {
  StepInstance step = two_devices({{6, 2, 1, 3}});
  step.experts.cost.other_seconds = 0.5;
  step.schedule = {{Pass::forward, 0}, {Pass::backward, 0}};
  Evaluation evaluation = expect_holds(step, still(step, apart));
  EXPECT_EQ(evaluation.window_seconds, (std::vector<double>{6.5, 3.5, 7, 13}));
  EXPECT_DOUBLE_EQ(evaluation.metrics.expert_seconds, 6 + 3 + 6 + 12);
  step.backward_ratio = 0.5;
  evaluation = expect_holds(step, still(step, apart));
  EXPECT_EQ(evaluation.window_seconds, (std::vector<double>{6.5, 3.5, 1.75, 3.25}));
}

// Forward 4 s after 1 s of waiting, backward 8 s, and 2 s for the gradient, behind which nothing hides.
TEST(EvaluateStep, EndsWithTheLastGradient) {
  StepInstance step = two_devices({{6, 2}});
  step.schedule = default_schedule(1, true);
  step.gradient_return = true;
  StepPlan plan = still(step, apart);
  add_replica(plan, 0, 0, 3, 0, 0, 1.0 / 3);
  plan.transfers = {weights(0, 0, 0, 0, 1, 0, 1), gradient(0, 0, 0, 1, 0, 13, 15)};
  const Evaluation evaluation = expect_holds(step, plan);
  EXPECT_DOUBLE_EQ(evaluation.objective, 15);
  EXPECT_DOUBLE_EQ(evaluation.metrics.exposed_seconds, 3);
  EXPECT_EQ(evaluation.metrics.transfers, 2);
  EXPECT_DOUBLE_EQ(evaluation.metrics.transferred_bytes, 30);
  plan.transfers[1].start_seconds = 12.5;
  plan.transfers[1].end_seconds = 14.5;
  expect_violation(step, plan, "/plan/transfers/1: the gradient leaves at 12.5, and the backward window ends at 13");
  plan.transfers.pop_back();
  expect_violation(step, plan, "/plan/microsteps/0/slots/0/3: no transfer returns the gradient of expert 0");
}

TEST(EvaluateStep, ReturnsGradientsToTheLowestBaseDeviceWhereABackwardPassNeedsThem) {
  StepInstance step = two_devices({{6, 2}, {6, 2}});
  step.schedule = {{Pass::forward, 0}, {Pass::forward, 1}, {Pass::backward, 1}};
  step.gradient_return = true;
  StepPlan plan = still(step, apart);
  add_replica(plan, 0, 0, 3, 0, 0, 1.0 / 3);
  plan.transfers = {weights(0, 0, 0, 0, 1, 0, 1)};
  EXPECT_DOUBLE_EQ(expect_holds(step, plan).objective, 1 + 4 + 6 + 12);
  plan.transfers.push_back(gradient(0, 0, 0, 1, 0, 23, 25));
  expect_violation(step, plan, "a gradient, and micro-step 0 has no backward pass");
  plan.transfers.pop_back();
  // Of device 0 itself, which holds the expert by base, none is due.
  add_replica(plan, 1, 0, 1, 0, 0, 0.5);
  plan.transfers.push_back(from_host(1, 0, 0, 0, 0, 1, 3));
  EXPECT_DOUBLE_EQ(expect_holds(step, plan).objective, 23);
  plan.transfers.push_back(gradient(1, 0, 0, 0, 1, 23, 25));
  expect_violation(step, plan, "/plan/transfers/2: device 0 has no further gradient of expert 0");
  plan.transfers.pop_back();
  step.gradient_return = false;
  plan.transfers.push_back(gradient(1, 0, 0, 1, 0, 23, 25));
  expect_violation(step, plan, "a gradient, and gradient_return is not set");
}

TEST(EvaluateStep, JudgesEveryMicrostepAsAStaticPlan) {
  const StepInstance step = two_devices({{6, 2}, {4, 2}});
  StepPlan plan = still(step, apart);
  plan.microsteps[1].shares.at(0, 0) = 0.5;
  expect_violation(step, plan, "/plan/microsteps/1/shares/0: the shares of expert 0 sum to 0.5");
  plan = still(step, apart);
  plan.microsteps[1].shares.at(0, 3) = 0.5;
  expect_violation(step, plan, "/plan/microsteps/1/shares/0/3: an empty slot has a share");
  plan.microsteps[1].shares.at(0, 3) = std::numeric_limits<double>::quiet_NaN();
  expect_violation(step, plan, "an empty slot has a share");
  plan = still(step, apart);
  plan.microsteps[0].shares.at(0, 0) = std::numeric_limits<double>::quiet_NaN();
  expect_violation(step, plan, "/plan/microsteps/0/shares/0/0: a share must be at least 0");
  plan = still(step, apart);
  plan.microsteps[0].slots.at(0, 3) = 2;
  expect_violation(step, plan, "/plan/microsteps/0/slots/0/3: expert 2 does not exist");
}

TEST(EvaluateStep, TakesTokensInTiles) {
  StepInstance step = two_devices({{6, 2}});
  step.experts.cost.tile_tokens = 4;
  StepPlan plan = still(step, {0, 1, 0, 1});
  plan.microsteps[0].shares = Matrix<double>(1, 4, std::vector<double>{5.0 / 6, 0, 1.0 / 6, 1});
  plan.microsteps[0].tokens = Matrix<std::int64_t>(1, 4, std::vector<std::int64_t>{5, 0, 1, 2});
  EXPECT_DOUBLE_EQ(expect_holds(step, plan).objective, 8);
  plan.microsteps[0].tokens.at(0, 3) = 1;
  expect_violation(step, plan, "/plan/microsteps/0/tokens/0: the tokens of expert 1 sum to 1, its load is 2");
  plan.microsteps[0].tokens = {};
  expect_violation(step, plan, "/plan/microsteps/0/tokens: expected 1 rows of 4 slots");
}

TEST(EvaluateStep, DispatchesEvenlyWhereItMust) {
  StepInstance step = two_devices({{6, 2}});
  step.experts.dispatch = Dispatch::even;
  StepPlan plan = still(step, apart);
  add_replica(plan, 0, 0, 3, 0, 0, 0.5);
  plan.transfers = {weights(0, 0, 0, 0, 1, 0, 1)};
  EXPECT_DOUBLE_EQ(expect_holds(step, plan).objective, 1 + 5);
  add_replica(plan, 0, 0, 3, 0, 0, 0.1);
  expect_violation(step, plan, "even dispatch gives this slot a share of 1/2");
}

TEST(EvaluateStep, SaysWhatBaseBreaks) {
  StepInstance step = two_devices({{6, 2}, {4, 2}});
  expect_violation(step, still(step, {0, -1, 0, -1}), "/plan/base/0: expert 1 has no replica");
  expect_violation(step, still(step, {0, 1, -1, -1}), "/plan/base/0/2: empty, and fill_slots is set");
  expect_violation(step, still(step, {0, 7, 1, -1}), "/plan/base/0/1: expert 7 does not exist");
  StepPlan plan = still(step, apart);
  plan.microsteps[1].slots.at(0, 2) = 0;
  expect_violation(step, plan, "/plan/microsteps/1/slots/0/2: expert 0, and base holds 1 here for the whole step");
  plan = still(step, {0, 1, 1, -1});
  plan.microsteps[0].slots.at(0, 1) = -1;
  expect_violation(step, plan, "/plan/microsteps/0/slots/0/1: expert -1, and base holds 1 here");
  step.experts.cluster.fill_slots = false;
  plan = still(step, {0, 1, -1, -1});
  plan.microsteps[0].slots.at(0, 2) = 1;
  expect_violation(step, plan, "/plan/microsteps/0/slots/0/2: expert 1, and base holds -1 here");
  step.experts.cluster.dead = {1};
  expect_violation(step, still(step, apart), "/plan/base/0/2: device 1 is dead and may hold nothing");
  EXPECT_DOUBLE_EQ(expect_holds(step, still(step, {0, 1, -1, -1})).objective, 8 + 6);
}

TEST(EvaluateStep, JudgesDuplicatesAndGroupsOverBaseAndTransientSlotsTogether) {
  StepInstance step = two_devices({{6, 2}});
  StepPlan plan = still(step, apart);
  add_replica(plan, 0, 0, 1, 0, 0, 0.5);
  plan.transfers = {from_host(0, 0, 0, 0, 0, 0, 2)};
  EXPECT_DOUBLE_EQ(expect_holds(step, plan).objective, 8);
  step.experts.cluster.duplicates = false;
  expect_violation(step, plan, "/plan/microsteps/0/slots/0/1: device 0 holds expert 0 twice");
  // Said once, where it begins.
  EXPECT_EQ(evaluate(step, still(step, {0, 0, 1, -1})).violations.size(), 1U);
  step = testing::two_nodes({{6, 2}});
  step.experts.model.groups = 2;
  step.experts.keep_groups_on_a_node = true;
  plan = still(step, apart);
  EXPECT_DOUBLE_EQ(expect_holds(step, plan).objective, 6);
  add_replica(plan, 0, 0, 3, 0, 0, 0.5);
  plan.transfers = {weights(0, 0, 0, 0, 1, 0, 1)};
  expect_violation(step, plan,
                   "/plan/microsteps/0/slots/0/3: expert 0 stands on node 1, its group 0 already on node 0");
}

TEST(EvaluateStep, CountsMovesOfBaseAgainstThePlacement) {
  StepInstance step = two_devices({{6, 2}});
  step.experts.placement = Matrix<int>(1, 2, std::vector<int>{1, 1});
  step.experts.move_seconds = 0.25;
  StepPlan plan = still(step, {0, 1, 1, 0});
  const Evaluation evaluation = expect_holds(step, plan);
  EXPECT_EQ(evaluation.metrics.moves, 2);  // expert 0 to both devices
  EXPECT_DOUBLE_EQ(evaluation.metrics.moved_bytes, 20);
  EXPECT_DOUBLE_EQ(evaluation.objective, 8.5);
  step.experts.limits.max_moves = 1;
  expect_violation(step, plan, "/plan/base: 2 moves, at most 1");
  step.experts.limits = {{}, 0};
  expect_violation(step, plan, "/plan/base: 1 moves to device 1, at most 0");
  step.experts.limits = {2, 1};
  // Transient replicas are no moves.
  plan = still(step, apart);
  add_replica(plan, 0, 0, 3, 0, 0, 1.0 / 3);
  plan.transfers = {weights(0, 0, 0, 0, 1, 0, 1)};
  EXPECT_EQ(expect_holds(step, plan).metrics.moves, 1);
}

TEST(EvaluateStep, ReservesMemoryForTransientSlots) {
  StepInstance step = two_devices({{6, 2, 1, 1}});
  step.experts.cluster.memory_bytes = 40;
  EXPECT_DOUBLE_EQ(expect_holds(step, still(step, {0, 1, 1, 0})).objective, 8 + 2);
  step.experts.cluster.memory_bytes = 39;
  expect_violation(step, still(step, apart),
                   "/plan/base: device 0 holds 4 base replicas and transient slots over all layers, 1");
  step.transient_slots = 0;
  step.transient_pool_slots = 1;
  step.experts.cluster.memory_bytes = 30;
  EXPECT_DOUBLE_EQ(expect_holds(step, still(step, apart)).objective, 6 + 1);
  step.experts.cluster.fill_slots = false;
  step.experts.cluster.dead = {1};
  step.transient_pool_slots = 2;
  step.experts.cluster.memory_bytes = 40;
  StepPlan plan = still(step, {0, -1, -1, -1, -1, -1});
  for (std::size_t layer = 0; layer < 2; ++layer) {
    plan.base.at(layer, 1 + layer) = 1;
    plan.microsteps[0].slots.at(layer, 1 + layer) = 1;
    plan.microsteps[0].shares.at(layer, 1 + layer) = 1;
  }
  EXPECT_DOUBLE_EQ(expect_holds(step, plan).objective, 8 + 2);
}

TEST(EvaluateStep, LetsAPoolSlotServeOneLayerForTheWholeStep) {
  StepInstance step = two_devices({{6, 2, 6, 2}});
  step.transient_slots = 0;
  step.transient_pool_slots = 1;
  expect_violation(step, still(step, {0, 1, 1, -1}),
                   "/plan/base/1/1: this slot of the pool holds expert 1 of layer 0 for the whole step");
  StepPlan plan = still(step, apart);
  plan.base.at(0, 3) = 0;
  plan.microsteps[0].slots.at(0, 3) = 0;
  EXPECT_DOUBLE_EQ(expect_holds(step, plan).objective, 12);
  add_replica(plan, 0, 1, 3, 0, 0, 0.5);
  plan.transfers = {weights(0, 1, 0, 0, 1, 0, 1)};
  expect_violation(step, plan, "/plan/microsteps/0/slots/1/3: this slot of the pool holds expert 0 of layer 0");
}

TEST(EvaluateStep, SaysWhatTheShapeBreaks) {
  const StepInstance step = two_devices({{6, 2}, {4, 2}});
  expect_violation(step, {}, "/plan/base: expected 1 rows of 4 slots");
  StepPlan plan = still(step, apart);
  plan.microsteps.pop_back();
  expect_violation(step, plan, "/plan/microsteps: expected 2 micro-steps, found 1");
  plan = still(step, apart);
  plan.microsteps[1].shares = Matrix<double>(1, 3, 0.0);
  expect_violation(step, plan, "/plan/microsteps/1/shares: expected 1 rows of 4 slots");
  plan = still(step, apart);
  plan.microsteps[0].slots = Matrix<int>(2, 4, 0);
  expect_violation(step, plan, "/plan/microsteps/0/slots: expected 1 rows of 4 slots");
}

TEST(EvaluateStep, StopsAtAThousandViolations) {
  const StepInstance step = two_devices({{6, 2}});
  StepPlan plan = still(step, apart);
  plan.transfers.assign(100'000, weights(0, 0, 0, 0, 1, -1, -3));
  EXPECT_EQ(evaluate(step, plan).violations.size(), 1000U);
  plan.transfers.assign(100'000, weights(7, -3, 99, -5, 17, -1, std::numeric_limits<double>::infinity()));
  EXPECT_EQ(evaluate(step, plan).violations.size(), 1000U);
}

}  // namespace
}  // namespace plimsoll::experts::step
