// The rules of transfers, slots and links, one by one.
#include "planner/experts/step/replay.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "tests/planner/experts/step/small_step.hpp"

namespace plimsoll::experts::step {
namespace {

using testing::add_replica;
using testing::expect_holds;
using testing::expect_violation;
using testing::from_host;
using testing::still;
using testing::two_devices;
using testing::two_nodes;
using testing::weights;

const std::vector<int> apart = {0, -1, 1, -1};

// Two micro-steps of 6 s; in the second one expert 0 has a replica on device 1 as well, and 4 s are left.
struct Second {
  Second() : step(two_devices({{6, 2}, {6, 2}})), plan(still(step, apart)) {
    add_replica(plan, 1, 0, 3, 0, 0, 1.0 / 3);
    plan.transfers = {weights(1, 0, 0, 0, 1, 2, 3)};
  }
  StepInstance step;
  StepPlan plan;
};

TEST(StepReplay, BringsEachTransientReplicaOnce) {
  Second second;
  EXPECT_DOUBLE_EQ(expect_holds(second.step, second.plan).objective, 10);
  second.plan.transfers.push_back(weights(1, 0, 0, 0, 1, 3, 4));
  expect_violation(second.step, second.plan,
                   "/plan/transfers/1: device 1 gets expert 0 of layer 0 in micro-step 1 already by /plan/transfers/0");
  second.plan.transfers.clear();
  expect_violation(second.step, second.plan, "/plan/microsteps/1/slots/0/3: no transfer brings expert 0 to device 1");
  second.plan.transfers = {weights(0, 0, 0, 0, 1, 2, 3)};
  expect_violation(second.step, second.plan,
                   "/plan/transfers/0: device 1 has expert 0 of layer 0 in micro-step 0 in no");
  second.plan.transfers = {weights(1, 0, 0, 0, 1, 2, 3), weights(1, 0, 1, 1, 0, 2, 3)};
  expect_violation(second.step, second.plan, "/plan/transfers/1: device 0 has expert 1 of layer 0");
  second.plan.transfers = {weights(1, 0, 0, 0, 1, 2, 3), from_host(1, 0, 1, 0, 1, 4, 6)};
  expect_violation(second.step, second.plan, "in no transient slot, it holds it by base");
}

TEST(StepReplay, KnowsWhatExists) {
  Second second;
  const Transfer good = second.plan.transfers.front();
  const auto with = [&](auto change) {
    second.plan.transfers = {good, good};
    change(second.plan.transfers[1]);
    return second.plan;
  };
  expect_violation(second.step, with([](Transfer& t) { t.microstep = 2; }), "transfers/1: micro-step 2 does not exist");
  expect_violation(second.step, with([](Transfer& t) { t.layer = -1; }), "transfers/1: layer -1 does not exist");
  expect_violation(second.step, with([](Transfer& t) { t.expert = 2; }), "transfers/1: expert 2 does not exist");
  expect_violation(second.step, with([](Transfer& t) { t.to = 2; }), "to device 2, which does not exist");
  expect_violation(second.step, with([](Transfer& t) { t.from = -1; }), "from device -1, which does not exist");
  expect_violation(second.step, with([](Transfer& t) { t.from = 1; }), "from device 1 to itself");
  expect_violation(second.step, with([](Transfer& t) { t.from_host = true, t.from = 1; }),
                   "from host:1, which does not exist");
  const double nan = std::numeric_limits<double>::quiet_NaN();
  expect_violation(second.step, with([&](Transfer& t) { t.start_seconds = nan; }), "seconds; expected numbers");
  const double infinite = std::numeric_limits<double>::infinity();
  expect_violation(second.step, with([&](Transfer& t) { t.end_seconds = infinite; }), "seconds; expected numbers");
}

TEST(StepReplay, LeavesDeadDevicesAlone) {
  StepInstance step = two_devices({{6, 2}});
  step.experts.cluster.fill_slots = false;
  step.experts.cluster.dead = {1};
  StepPlan plan = still(step, {0, 1, -1, -1});
  plan.transfers = {weights(0, 0, 0, 0, 1, 0, 1)};
  expect_violation(step, plan, "to device 1, which is dead");
  plan = still(step, {0, -1, 1, -1});
  plan.transfers = {weights(0, 0, 1, 1, 0, 0, 1)};
  expect_violation(step, plan, "from device 1, which is dead");
}

TEST(StepReplay, NeedsTimeForBytesAndLatency) {
  Second second;
  second.plan.transfers[0].end_seconds = 2.9;
  expect_violation(second.step, second.plan,
                   "/plan/transfers/0: takes 0.8999999999999999 seconds, and its bytes need 1");
  second.plan.transfers[0].end_seconds = 1.5;
  expect_violation(second.step, second.plan, "takes -0.5 seconds");
  second.plan.transfers[0] = weights(1, 0, 0, 0, 1, -1, 0);
  expect_violation(second.step, second.plan, "starts at -1, before the step begins");
  second.plan.transfers[0] = weights(1, 0, 0, 0, 1, 2, 5);
  expect_holds(second.step, second.plan);  // slower is no harm
  second.plan.transfers[0] = from_host(1, 0, 0, 0, 1, 2, 3);
  expect_violation(second.step, second.plan, "takes 1 seconds, and its bytes need 2");
  second.plan.transfers[0] = weights(1, 0, 0, 0, 1, 2, 3);
  second.step.experts.cluster.link->latency_seconds = 0.5;
  expect_violation(second.step, second.plan, "takes 1 seconds, and its bytes need 1.5");
  second.step.experts.cluster.link.reset();
  second.plan.transfers[0] = weights(1, 0, 0, 0, 1, 2, 2);
  EXPECT_DOUBLE_EQ(expect_holds(second.step, second.plan).objective, 10);
  // Within 1e-9 of the step's 10 s.
  second.plan.transfers[0] = weights(1, 0, 0, 0, 1, -9e-9, -9e-9);
  expect_holds(second.step, second.plan);
  second.plan.transfers[0] = weights(1, 0, 0, 0, 1, -11e-9, -11e-9);
  expect_violation(second.step, second.plan, "before the step begins");
}

TEST(StepReplay, NeedsAPathWithARate) {
  Second second;
  second.step.experts.cluster.link->intra_bytes_per_second = 0;
  expect_violation(second.step, second.plan,
                   "/plan/transfers/0: from device 0 to device 1: the cluster's link gives no rate for this path");
  second.plan.transfers[0] = from_host(1, 0, 0, 0, 1, 2, 4);
  expect_holds(second.step, second.plan);
  second.step.experts.cluster.link->host_bytes_per_second = 0;
  expect_violation(second.step, second.plan, "from host:0 to device 1: the cluster's link gives no rate");
  StepInstance nodes = two_nodes({{6, 2}, {6, 2}});
  second.plan.transfers[0] = weights(1, 0, 0, 0, 1, 2, 3);
  expect_holds(nodes, second.plan);
  second.plan.transfers[0] = from_host(1, 0, 0, 0, 1, 2, 4);
  expect_violation(nodes, second.plan, "from host:0 to device 1 of node 1; a host feeds devices of its own node");
  nodes.experts.cluster.link->nic_bytes_per_second = 0;
  second.plan.transfers[0] = weights(1, 0, 0, 0, 1, 2, 3);
  expect_violation(nodes, second.plan, "no rate for this path");
}

// Three devices with expert 0 on device 0; device 1 gets it for micro-step 1, device 2 for micro-step 2.
struct Chain {
  Chain() : step(two_devices({{6, 2}, {6, 2}, {6, 2}})) {
    step.experts.cluster.devices_per_node = 3;
    step.experts.cluster.slots = {1, 1, 1};
    step.experts.cluster.speed = {1, 1, 1};
    plan = still(step, {0, -1, 1, -1, 1, -1});
    add_replica(plan, 1, 0, 3, 0, 0, 1.0 / 3);
    add_replica(plan, 2, 0, 5, 0, 0, 0.5);
    // Windows: 0 to 6, 6 to 10, 10 to 13.
    plan.transfers = {weights(1, 0, 0, 0, 1, 2, 3), weights(2, 0, 0, 1, 2, 3, 4)};
  }
  StepInstance step;
  StepPlan plan;
};

TEST(StepReplay, CopiesFromWhatHasArrivedAndStillStands) {
  Chain chain;
  EXPECT_DOUBLE_EQ(expect_holds(chain.step, chain.plan).objective, 13);
  chain.plan.transfers[1] = weights(2, 0, 0, 1, 2, 2.5, 4);
  expect_violation(chain.step, chain.plan,
                   "/plan/transfers/1: device 1 does not hold expert 0 of layer 0 from 2.5 to 4");
  chain.plan.transfers[1] = weights(2, 0, 0, 1, 2, 9, 10);
  expect_holds(chain.step, chain.plan);
  chain.plan.transfers[1] = weights(2, 0, 0, 1, 2, 9.5, 10.5);
  expect_violation(chain.step, chain.plan, "device 1 does not hold expert 0 of layer 0 from 9.5 to 10.5");
  chain.plan.transfers[1] = weights(2, 0, 0, 0, 2, 3, 4);
  expect_holds(chain.step, chain.plan);
  // Never copied to a device that has yet to give it away.
  chain.plan.transfers = {weights(1, 0, 0, 2, 1, 2, 3), weights(2, 0, 0, 1, 2, 3, 4)};
  expect_violation(chain.step, chain.plan, "/plan/transfers/0: device 2 does not hold expert 0");
}

// Both devices get something from elsewhere at the same time.
TEST(StepReplay, CarriesOneTransferAtATimeInEachDirection) {
  StepInstance step = two_devices({{6, 2}, {6, 2}});
  step.experts.model.experts = 3;
  step.experts.cluster.slots = {2, 1};
  step.transient_slots = 2;
  step.experts.load = Matrix<double>(1, 3, std::vector<double>{12, 4, 4});
  step.load = {Matrix<double>(1, 3, std::vector<double>{6, 2, 2}), Matrix<double>(1, 3, std::vector<double>{6, 2, 2})};
  // Columns: 0 and 1 base, 2 and 3 transient of device 0; 4 base, 5 and 6 transient of device 1.
  StepPlan plan = still(step, {0, 1, -1, -1, 2, -1, -1});
  add_replica(plan, 1, 0, 5, 0, 0, 0.5);
  add_replica(plan, 1, 0, 6, 1, 1, 0.5);
  add_replica(plan, 1, 0, 2, 2, 4, 0.5);
  plan.transfers = {weights(1, 0, 0, 0, 1, 0, 1), weights(1, 0, 1, 0, 1, 1, 2), weights(1, 0, 2, 1, 0, 0, 1)};
  expect_holds(step, plan);
  plan.transfers[1] = weights(1, 0, 1, 0, 1, 0.5, 1.5);
  expect_violation(step, plan,
                   "/plan/transfers/1: starts at 0.5, and the out port of device 0 carries /plan/transfers/0 until 1");
  expect_violation(step, plan, "the in port of device 1 carries /plan/transfers/0");
  plan.transfers[1] = from_host(1, 0, 1, 0, 1, 0, 2);
  expect_holds(step, plan);
  plan.transfers[0] = from_host(1, 0, 0, 0, 1, 1, 3);
  expect_violation(step, plan, "the host link of device 1 carries /plan/transfers/1 until 2");
  // A long one is met by all that come behind it.
  plan.transfers = {weights(1, 0, 0, 0, 1, 0, 9), weights(1, 0, 1, 0, 1, 1, 2), weights(1, 0, 2, 1, 0, 0, 1)};
  expect_violation(step, plan, "/plan/transfers/1: starts at 1");
  // Without links nothing is in the way.
  step.experts.cluster.link.reset();
  expect_holds(step, plan);
}

TEST(StepReplay, SharesANicAmongDevices) {
  StepInstance step = two_devices({{6, 2}, {6, 2}});
  auto& cluster = step.experts.cluster;
  cluster.nodes = 2;
  cluster.slots = {1, 1, 1, 1};
  cluster.speed = {1, 1, 1, 1};
  StepPlan plan = still(step, {0, -1, 1, -1, 1, -1, 1, -1});
  add_replica(plan, 1, 0, 5, 0, 0, 0.25);
  plan.microsteps[1].slots.at(0, 7) = 1;
  plan.transfers = {weights(1, 0, 0, 0, 2, 0, 1), weights(1, 0, 1, 1, 3, 0, 1)};
  expect_holds(step, plan);
  cluster.nic_of_device = {0, 0, 2, 3};
  expect_violation(step, plan, "the sending side of NIC 0 carries /plan/transfers/0 until 1");
  cluster.nic_of_device = {0, 1, 2, 2};
  expect_violation(step, plan, "the receiving side of NIC 2 carries /plan/transfers/0 until 1");
}

// Many transfers between the same places: nothing may take the square of their number.
TEST(StepReplay, TakesManyTransfers) {
  const std::size_t count = 100'000;
  StepInstance step = two_devices(std::vector<std::vector<double>>(count, {6, 2}));
  StepPlan plan = still(step, apart);
  double now = 0;
  for (std::size_t m = 0; m < count; ++m) {
    add_replica(plan, m, 0, 3, 0, 0, 0.5);
    plan.transfers.push_back(weights(static_cast<int>(m), 0, 0, 0, 1, now, now + 1));
    now += 1 + 5;
  }
  const Evaluation evaluation = evaluate(step, plan);
  EXPECT_EQ(evaluation.violations, std::vector<std::string>{});
  EXPECT_DOUBLE_EQ(evaluation.objective, now);
  EXPECT_DOUBLE_EQ(evaluation.metrics.exposed_seconds, static_cast<double>(count));
  for (Transfer& transfer : plan.transfers) transfer.start_seconds = 0;
  EXPECT_EQ(evaluate(step, plan).violations.size(), 1000U);
}

}  // namespace
}  // namespace plimsoll::experts::step
