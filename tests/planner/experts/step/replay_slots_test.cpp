// The lives of transient slots, and the gradients that end them.
#include "planner/experts/step/replay_slots.hpp"

#include <gtest/gtest.h>

#include "tests/planner/experts/step/small_step.hpp"

namespace plimsoll::experts::step {
namespace {

using testing::add_replica;
using testing::expect_holds;
using testing::expect_violation;
using testing::gradient;
using testing::still;
using testing::two_devices;
using testing::weights;

const std::vector<int> apart = {0, -1, 1, -1};

TEST(StepSlots, HoldsASlotUntilItsLastWindow) {
  StepInstance step = two_devices({{6, 2}, {6, 2}});
  StepPlan plan = still(step, apart);
  add_replica(plan, 0, 0, 3, 0, 0, 1.0 / 3);
  add_replica(plan, 1, 0, 3, 0, 0, 1.0 / 3);
  // The first window from 1 to 5; the second transfer may start then, not before.
  plan.transfers = {weights(0, 0, 0, 0, 1, 0, 1), weights(1, 0, 0, 0, 1, 5, 6)};
  EXPECT_DOUBLE_EQ(expect_holds(step, plan).objective, 10);
  plan.transfers[1] = weights(1, 0, 0, 0, 1, 4.5, 5.5);
  expect_violation(step, plan,
                   "/plan/transfers/1: starts at 4.5, and transient column 3 of device 1 is taken by expert 0 of layer "
                   "0 in micro-step 0 until 5");
  // With backward passes behind both forward ones, the slot is never free for the second.
  step.schedule = {{Pass::forward, 0}, {Pass::forward, 1}, {Pass::backward, 0}};
  plan.transfers[1] = weights(1, 0, 0, 0, 1, 5, 6);
  expect_violation(step, plan, "is taken by expert 0 of layer 0 in micro-step 0 until 18");
  step.schedule = {{Pass::forward, 0}, {Pass::backward, 0}, {Pass::forward, 1}};
  plan.transfers[1] = weights(1, 0, 0, 0, 1, 13, 14);
  EXPECT_DOUBLE_EQ(expect_holds(step, plan).objective, 18);
  // Until its gradient is away.
  step.gradient_return = true;
  plan.transfers.push_back(gradient(0, 0, 0, 1, 0, 13, 15));
  expect_violation(step, plan, "starts at 13, and transient column 3 of device 1 is taken");
  plan.transfers[1] = weights(1, 0, 0, 0, 1, 15, 16);
  EXPECT_DOUBLE_EQ(expect_holds(step, plan).objective, 20);
}

TEST(StepSlots, SharesAPoolAmongLayers) {
  StepInstance step = two_devices({{6, 2, 6, 2}});
  StepPlan plan = still(step, apart);
  add_replica(plan, 0, 0, 3, 0, 0, 1.0 / 3);
  add_replica(plan, 0, 1, 3, 0, 0, 1.0 / 3);
  plan.transfers = {weights(0, 0, 0, 0, 1, 0, 1), weights(0, 1, 0, 0, 1, 2, 3)};
  EXPECT_DOUBLE_EQ(expect_holds(step, plan).objective, 9);
  step.transient_slots = 0;
  step.transient_pool_slots = 1;
  expect_violation(step, plan, "starts at 2, and transient column 3 of device 1 is taken by expert 0 of layer 0");
  plan.transfers[1] = weights(0, 1, 0, 0, 1, 5, 6);
  EXPECT_DOUBLE_EQ(expect_holds(step, plan).objective, 10);
}

// Two slots of one device with the same expert: the transfers that are listed first belong to the lower columns.
TEST(StepSlots, MatchesTwinsInOrder) {
  StepInstance step = two_devices({{6, 2}});
  step.transient_slots = 2;
  StepPlan plan = still(step, {0, -1, -1, 1, -1, -1});
  add_replica(plan, 0, 0, 4, 0, 0, 0.25);
  add_replica(plan, 0, 0, 5, 0, 0, 0.25);
  plan.transfers = {weights(0, 0, 0, 0, 1, 0, 1)};
  expect_violation(step, plan, "/plan/microsteps/0/slots/0/5: no transfer brings expert 0 to device 1");
  plan.transfers.push_back(weights(0, 0, 0, 0, 1, 1, 2));
  EXPECT_DOUBLE_EQ(expect_holds(step, plan).objective, 2 + 5);
  plan.transfers.push_back(weights(0, 0, 0, 0, 1, 2, 3));
  expect_violation(step, plan, "already by /plan/transfers/1");
}

TEST(StepSlots, ReturnsGradientsToTheLowestHolder) {
  StepInstance step = two_devices({{6, 2}});
  step.experts.cluster.devices_per_node = 3;
  step.experts.cluster.slots = {1, 1, 1};
  step.experts.cluster.speed = {1, 1, 1};
  step.schedule = default_schedule(1, true);
  step.gradient_return = true;
  StepPlan plan = still(step, {0, -1, 0, -1, 1, -1});
  add_replica(plan, 0, 0, 5, 0, 0, 1.0 / 3);
  // Forward 1 to 5, backward to 13.
  plan.transfers = {weights(0, 0, 0, 1, 2, 0, 1), gradient(0, 0, 0, 2, 0, 13, 15)};
  EXPECT_DOUBLE_EQ(expect_holds(step, plan).objective, 15);
  plan.transfers[1].to = 1;
  expect_violation(step, plan,
                   "/plan/transfers/1: a gradient to device 1; the lowest device that holds expert 0 of layer 0 in "
                   "micro-step 0 by base is 0");
  plan.transfers[1] = gradient(0, 0, 0, 2, 0, 13, 14);
  expect_violation(step, plan, "takes 1 seconds, and its bytes need 2");
  plan.transfers[1] = gradient(0, 0, 0, 1, 0, 13, 15);
  expect_violation(step, plan, "/plan/transfers/1: device 1 has expert 0 of layer 0 in micro-step 0 in no transient");
  plan.transfers[1] = {TransferKind::gradient, 0, 0, 0, true, 0, 0, 13, 15};
  expect_violation(step, plan, "a gradient from host:0; it comes from a device");
  plan.transfers[1] = gradient(0, 0, 0, 2, 0, 13, 15);
  plan.transfers.push_back(gradient(0, 0, 0, 2, 0, 15, 17));
  expect_violation(step, plan, "/plan/transfers/2: device 2 has no further gradient of expert 0");
}

}  // namespace
}  // namespace plimsoll::experts::step
