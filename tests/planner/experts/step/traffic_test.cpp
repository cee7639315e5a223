// Dispatch and combine on small clusters worked out by hand, and what windows make of them.
#include "planner/experts/step/traffic.hpp"

#include <gtest/gtest.h>

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
using testing::two_nodes;
using testing::weights;

const std::vector<int> apart = {0, -1, 1, -1};

// Expert 0 of device 0 gets 3 of its 6 tokens from device 1, expert 1 of device 1 both of its from device 0. 5 bytes
// out, 10 back, 10 bytes a second: dispatch 1.5 s (into device 0), combine 3 s.
void add_sources(StepInstance& step) {
  step.experts.model.dispatch_token_bytes = 5;
  step.experts.model.combine_token_bytes = 10;
  step.sources.assign(step.load.size(), {Matrix<double>(2, 2, std::vector<double>{3, 2, 3, 0})});
}

TEST(StepTraffic, SumsBytesPerPortAndWaitsForTheBusiest) {
  StepInstance step = two_devices({{6, 2}});
  add_sources(step);
  StepPlan plan = still(step, apart);
  const Traffic crossing = traffic(step, 0, 0, plan.microsteps[0].slots.row(0), plan.microsteps[0].shares.row(0));
  EXPECT_EQ(crossing.dispatch_seconds, (std::vector<double>{1, 1.5, 0, 0, 1.5, 1, 0, 0}));
  EXPECT_EQ(crossing.combine_seconds, (std::vector<double>{3, 2, 0, 0, 2, 3, 0, 0}));
  EXPECT_DOUBLE_EQ(crossing.dispatch, 1.5);
  EXPECT_DOUBLE_EQ(crossing.combine, 3);
  EXPECT_DOUBLE_EQ(expect_holds(step, plan).objective, 1.5 + 6 + 3);
  EXPECT_DOUBLE_EQ(expect_holds(step, plan).metrics.exposed_seconds, 0);
  step.experts.cluster.link->latency_seconds = 0.25;
  EXPECT_DOUBLE_EQ(expect_holds(step, plan).objective, 11);
  step.communication.overlap = Overlap::full;
  EXPECT_DOUBLE_EQ(expect_holds(step, plan).objective, 6);  // 4 + 0.25 are hidden
  step.experts.cluster.link->intra_bytes_per_second = 5;
  EXPECT_DOUBLE_EQ(expect_holds(step, plan).objective, 8.25);
  step.experts.cluster.link.reset();
  EXPECT_DOUBLE_EQ(expect_holds(step, plan).objective, 6);
}

TEST(StepTraffic, IsFreeWithinADeviceAndWithoutBytes) {
  StepInstance step = two_devices({{6, 2}});
  add_sources(step);
  step.experts.cluster.link->latency_seconds = 0.25;
  step.sources[0][0] = Matrix<double>(2, 2, std::vector<double>{6, 0, 0, 2});
  EXPECT_DOUBLE_EQ(expect_holds(step, still(step, apart)).objective, 6);
  add_sources(step);
  step.experts.model.dispatch_token_bytes = 0;
  EXPECT_DOUBLE_EQ(expect_holds(step, still(step, apart)).objective, 6 + 3.25);
}

TEST(StepTraffic, ComesAgainInTheBackwardWindow) {
  StepInstance step = two_devices({{6, 2}});
  add_sources(step);
  step.schedule = default_schedule(1, true);
  EXPECT_EQ(expect_holds(step, still(step, apart)).window_seconds, (std::vector<double>{10.5, 16.5}));
  step.communication.overlap = Overlap::full;
  step.experts.cluster.link->intra_bytes_per_second = 2.5;  // 16 s
  EXPECT_EQ(expect_holds(step, still(step, apart)).window_seconds, (std::vector<double>{16, 16}));
  step.backward_ratio = 4;
  EXPECT_EQ(expect_holds(step, still(step, apart)).window_seconds, (std::vector<double>{16, 24}));
}

TEST(StepTraffic, FollowsTheShares) {
  StepInstance step = two_devices({{6, 2}});
  add_sources(step);
  StepPlan plan = still(step, {0, -1, 1, 0});
  plan.microsteps[0].shares = Matrix<double>(1, 4, std::vector<double>{0.75, 0, 1, 0.25});
  const Traffic crossing = traffic(step, 0, 0, plan.microsteps[0].slots.row(0), plan.microsteps[0].shares.row(0));
  // To device 0: 0.75 of 3; to device 1: 0.25 of 3, and 2 of the other expert.
  EXPECT_EQ(crossing.dispatch_seconds, (std::vector<double>{1.375, 1.125, 0, 0, 1.125, 1.375, 0, 0}));
  EXPECT_DOUBLE_EQ(expect_holds(step, plan).objective, 1.375 + 4.5 + 2.75);
}

TEST(StepTraffic, UsesNicsBetweenNodes) {
  StepInstance step = two_nodes({{6, 2}});
  add_sources(step);
  step.experts.cluster.link = Link{0, 5, 5, 0};
  StepPlan plan = still(step, apart);
  Traffic crossing = traffic(step, 0, 0, plan.microsteps[0].slots.row(0), plan.microsteps[0].shares.row(0));
  EXPECT_EQ(crossing.dispatch_seconds, (std::vector<double>{0, 0, 2, 3, 0, 0, 3, 2}));
  EXPECT_DOUBLE_EQ(expect_holds(step, plan).objective, 3 + 6 + 6);
  step.experts.cluster.link->nic_bytes_per_second = 0;
  expect_violation(
      step, plan, "/plan/microsteps/0/slots/0: dispatch and combine take a path for which the cluster's link gives no");
}

// Two nodes of two devices; experts 0 and 1 on devices 2 and 3, tokens from one device of node 0.
StepInstance four_devices(int source, Copies copies) {
  StepInstance step = two_devices({{1, 1}});
  step.experts.cluster.nodes = 2;
  step.experts.cluster.slots = {1, 1, 1, 1};
  step.experts.cluster.speed = {1, 1, 1, 1};
  step.experts.cluster.fill_slots = false;
  step.experts.cluster.link = Link{10, 5, 0, 0};
  step.experts.model.dispatch_token_bytes = 10;
  step.transient_slots = 0;
  step.sources = {{Matrix<double>(4, 2, 0.0)}};
  step.sources[0][0].at(static_cast<std::size_t>(source), 0) = 1;
  step.sources[0][0].at(static_cast<std::size_t>(source), 1) = 1;
  step.communication.copies = copies;
  step.communication.routes_per_token = 2;
  step.communication.routes = {0, 1};
  step.communication.route_source = {source};
  step.communication.route_microstep = {0};
  return step;
}

std::vector<double> dispatch_of(const StepInstance& step, const StepPlan& plan) {
  expect_holds(step, plan);
  return traffic(step, 0, 0, plan.microsteps[0].slots.row(0), plan.microsteps[0].shares.row(0)).dispatch_seconds;
}

TEST(StepTraffic, SendsATokenOnceToEachDevice) {
  StepInstance step = four_devices(0, Copies::per_device);
  // out of device 0 over its NIC, in by the NICs of devices 2 and 3
  EXPECT_EQ(dispatch_of(step, still(step, {-1, -1, 0, 1})),
            (std::vector<double>{0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 2}));
  // both experts on one device: one copy
  step.experts.cluster.slots = {1, 1, 2, 1};
  const StepPlan together = still(step, {-1, -1, 0, 1, -1});
  EXPECT_EQ(dispatch_of(step, together), (std::vector<double>{0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0}));
  step.communication.copies = Copies::per_replica;
  EXPECT_EQ(dispatch_of(step, together), (std::vector<double>{0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0}));
}

TEST(StepTraffic, SendsATokenOnceToEachNodeAndOnFromThere) {
  StepInstance step = four_devices(0, Copies::per_node);
  const StepPlan plan = still(step, {-1, -1, 0, 1});
  // NIC 0 to NIC 2, then device 2 to device 3
  EXPECT_EQ(dispatch_of(step, plan), (std::vector<double>{0, 0, 2, 0, 0, 0, 0, 0, 1, 0, 0, 2, 0, 1, 0, 0}));
  step = four_devices(1, Copies::per_node);
  // NIC 1 to NIC 3, then device 3 to device 2
  EXPECT_EQ(dispatch_of(step, plan), (std::vector<double>{0, 0, 0, 0, 0, 0, 2, 0, 0, 1, 0, 0, 1, 0, 0, 2}));
  // Inside the source's own node it goes straight to each device.
  EXPECT_EQ(dispatch_of(step, still(step, {0, 1, -1, -1})),
            (std::vector<double>{0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}));
}

TEST(StepTraffic, CountsExpectedCopiesWhereSharesAreParts) {
  StepInstance step = four_devices(0, Copies::per_device);
  step.experts.cluster.slots = {1, 1, 2, 1};
  StepPlan plan = still(step, {-1, -1, 0, 1, 0});
  plan.microsteps[0].shares = Matrix<double>(1, 5, std::vector<double>{0, 0, 0.5, 1, 0.5});
  // Device 2 for certain, device 3 with probability 1/2.
  EXPECT_EQ(dispatch_of(step, plan), (std::vector<double>{0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 1}));
  step.communication.copies = Copies::per_node;
  EXPECT_EQ(dispatch_of(step, plan), (std::vector<double>{0, 0, 2, 0, 0, 0, 0, 0, 0.5, 0, 0, 2, 0, 0.5, 0, 0}));
}

TEST(StepTraffic, KeepsTransfersOffBusyLinks) {
  StepInstance step = two_devices({{6, 2}, {6, 2}});
  add_sources(step);
  // Window 0: dispatch 0 to 1.5, compute to 7.5, combine to 10.5. Out of device 0 and into device 1: busy 0 to 1,
  // and 7.5 to 10.5.
  StepPlan plan = still(step, apart);
  add_replica(plan, 1, 0, 3, 0, 0, 1.0 / 3);
  plan.transfers = {weights(1, 0, 0, 0, 1, 1, 7.5)};
  expect_holds(step, plan);
  plan.transfers = {weights(1, 0, 0, 0, 1, 0.9, 2)};
  expect_violation(step, plan,
                   "/plan/transfers/0: runs from 0.9 to 2, and the out port of device 0 is busy with dispatch and "
                   "combine of micro-step 0, layer 0 from 0 to 1");
  plan.transfers = {weights(1, 0, 0, 0, 1, 7, 8)};
  expect_violation(step, plan, "the in port of device 1 is busy");
  // Host links know nothing of that, and neither do the ports the other way before they are busy.
  plan.transfers = {from_host(1, 0, 0, 0, 1, 0, 2)};
  expect_holds(step, plan);
  // All at once: busy 0 to 4 out of device 0 (1 and 3), window 6 s.
  step.communication.overlap = Overlap::full;
  plan.transfers = {weights(1, 0, 0, 0, 1, 4, 6)};
  expect_holds(step, plan);
  plan.transfers = {weights(1, 0, 0, 0, 1, 3.5, 5)};
  expect_violation(step, plan, "is busy with dispatch and combine of micro-step 0, layer 0 from 0 to 4");
}

TEST(StepTraffic, KeepsGradientsOffBusyLinks) {
  StepInstance step = two_devices({{6, 2}, {6, 2}});
  step.transient_slots = 1;
  add_sources(step);
  step.sources[0][0] = Matrix<double>(2, 2, std::vector<double>{6, 2, 0, 0});
  step.sources[1][0] = step.sources[0][0];
  step.gradient_return = true;
  step.schedule = {{Pass::forward, 0}, {Pass::backward, 0}, {Pass::forward, 1}};
  StepPlan plan = still(step, apart);
  add_replica(plan, 0, 0, 3, 0, 0, 0.5);
  // Device 0 sends 3 and 2 tokens: 2.5 s, and gets them back: 5 s; compute 5 and 10 s.
  const double end = 2 + 12.5 + 17.5;
  plan.transfers = {from_host(0, 0, 0, 0, 1, 0, 2), gradient(0, 0, 0, 1, 0, end, end + 2)};
  // Window 2: dispatch of 2 tokens 1 s, compute 6, combine 2 s: into device 0 busy from end + 7.
  EXPECT_DOUBLE_EQ(expect_holds(step, plan).objective, end + 9);
  plan.transfers[1] = gradient(0, 0, 0, 1, 0, end + 6, end + 8);
  expect_violation(step, plan, "/plan/transfers/1: runs from 38 to 40, and the in port of device 0 is busy");
}

}  // namespace
}  // namespace plimsoll::experts::step
