// The scheduler on cases small enough to follow by hand.
#include "planner/experts/step/search/scheduler.hpp"

#include <gtest/gtest.h>

#include "plimsoll/error.hpp"
#include "tests/planner/experts/step/search/two_nodes.hpp"

namespace plimsoll::experts::step {
namespace {

using testing::base_of_two_nodes;
using testing::two_nodes;

void expect_transfer(const std::optional<Offer>& offer, int from, int to, double start, double end) {
  ASSERT_TRUE(offer.has_value());
  EXPECT_FALSE(offer->transfer.from_host);
  EXPECT_EQ(offer->transfer.from, from);
  EXPECT_EQ(offer->transfer.to, to);
  EXPECT_EQ(offer->transfer.start_seconds, start);
  EXPECT_EQ(offer->transfer.end_seconds, end);
  EXPECT_EQ(offer->column, 2 * to + 1);
}

TEST(Scheduler, TakesWhatArrivesFirst) {
  StepInstance step = two_nodes(1, 1);
  const Prepared prepared(step);
  Scheduler scheduler(prepared, base_of_two_nodes(1));
  expect_transfer(scheduler.earliest(0, 0, 0, 1), 0, 1, 0, 1);
  expect_transfer(scheduler.earliest(0, 0, 0, 2), 0, 2, 0, 2);
  EXPECT_FALSE(scheduler.earliest(0, 0, 0, 2, 1.5).has_value());
  scheduler.book(*scheduler.earliest(0, 0, 0, 2));
  // The new copy serves the other device of its node before the NIC could.
  expect_transfer(scheduler.earliest(0, 0, 0, 3), 2, 3, 2, 3);
  EXPECT_EQ(scheduler.ready(), 2);
  EXPECT_FALSE(scheduler.earliest(0, 0, 1, 2).has_value());  // its slot is taken
}

TEST(Scheduler, TheHostServesItsOwnNodeWhereNothingElseDoes) {
  StepInstance step = two_nodes(1, 1);
  step.experts.cluster.link->nic_bytes_per_second = 0;
  const Prepared prepared(step);
  const Scheduler scheduler(prepared, base_of_two_nodes(1));
  const auto offer = scheduler.earliest(0, 0, 0, 2);
  ASSERT_TRUE(offer.has_value());
  EXPECT_TRUE(offer->transfer.from_host);
  EXPECT_EQ(offer->transfer.from, 1);
  EXPECT_EQ(offer->transfer.end_seconds, 4);
  step.experts.cluster.link->host_bytes_per_second = 0;
  EXPECT_FALSE(Scheduler(prepared, base_of_two_nodes(1)).earliest(0, 0, 0, 2).has_value());
}

TEST(Scheduler, AmongEqualArrivalsInsideTheNodeWins) {
  StepInstance step = two_nodes(1, 1);
  step.experts.cluster.link = Link{1.0, 1.0, 1.0, 0.0};
  const Prepared prepared(step);
  // Expert 0 stands on device 3, too.
  Matrix<int> base = base_of_two_nodes(1);
  base.at(0, 7) = 0;
  Scheduler scheduler(prepared, base);
  expect_transfer(scheduler.earliest(0, 0, 0, 1), 0, 1, 0, 1);
  expect_transfer(scheduler.earliest(0, 0, 0, 2), 3, 2, 0, 1);
  scheduler.book(*scheduler.earliest(0, 0, 0, 1));
  EXPECT_FALSE(scheduler.earliest(0, 0, 1, 3).has_value());  // its transient slot is a base slot
  // What arrives in time is as good as what arrives first: the NIC of device 0 is spared.
  scheduler.run(0, 3.0, {});
  StepInstance again = two_nodes(2, 1);
  again.experts.cluster.link = Link{1.0, 2.0, 0.25, 0.0};
  const Prepared prepared_again(again);
  Scheduler second(prepared_again, base);
  expect_transfer(second.earliest(0, 0, 0, 2), 0, 2, 0, 0.5);
  expect_transfer(second.earliest(0, 0, 0, 2, never, 1.0), 3, 2, 0, 1);
}

TEST(Scheduler, WindowsWaitAndSlotsComeFree) {
  const StepInstance step = two_nodes(2, 2);
  const Prepared prepared(step);
  Scheduler scheduler(prepared, base_of_two_nodes(2));
  scheduler.book(*scheduler.earliest(0, 0, 0, 1));
  EXPECT_FALSE(scheduler.earliest(1, 0, 0, 1).has_value());  // nobody knows when its slot comes free
  scheduler.run(0, 5.0, {});
  EXPECT_EQ(scheduler.clock(), 6.0);
  // The same slot of the next micro-step from there on, the other layer's from the beginning.
  expect_transfer(scheduler.earliest(1, 0, 0, 1), 0, 1, 6, 7);
  expect_transfer(scheduler.earliest(0, 1, 0, 1), 0, 1, 1, 2);  // the link is busy until 1
  EXPECT_FALSE(scheduler.earliest(0, 0, 0, 1).has_value());     // it has run
  EXPECT_THROW(scheduler.run(2, 1.0, {}), Error);
  scheduler.run(1, 1.0, {});
  EXPECT_EQ(scheduler.clock(), 7.0);
  EXPECT_EQ(scheduler.finish(), 7.0);
  ASSERT_EQ(scheduler.take().size(), 1U);
  EXPECT_TRUE(scheduler.take().empty());
}

TEST(Scheduler, APoolSlotIsOneForAllLayers) {
  StepInstance step = two_nodes(1, 2);
  step.transient_slots = 0;
  step.transient_pool_slots = 1;
  const Prepared prepared(step);
  Scheduler scheduler(prepared, base_of_two_nodes(2));
  scheduler.book(*scheduler.earliest(0, 0, 0, 1));
  EXPECT_FALSE(scheduler.earliest(0, 1, 0, 1).has_value());
  scheduler.run(0, 5.0, {});
  expect_transfer(scheduler.earliest(0, 1, 0, 1), 0, 1, 6, 7);
  scheduler.book(*scheduler.earliest(0, 1, 0, 1));
  EXPECT_EQ(scheduler.ready(), 7.0);
}

TEST(Scheduler, ACopyThatHasGoneIsNoSource) {
  StepInstance step = two_nodes(2, 1);
  step.experts.cluster.link->nic_bytes_per_second = 0.1;  // 10 seconds
  step.experts.cluster.link->host_bytes_per_second = 0;
  const Prepared prepared(step);
  Scheduler scheduler(prepared, base_of_two_nodes(1));
  scheduler.book(*scheduler.earliest(0, 0, 0, 2));
  scheduler.run(0, 2.0, {});
  EXPECT_EQ(scheduler.clock(), 12.0);
  // Device 2 held it from 10 to 12, which suffices for a copy in that time alone.
  expect_transfer(scheduler.earliest(1, 0, 0, 3), 2, 3, 10, 11);
  scheduler.forget_before(11.5);
  expect_transfer(scheduler.earliest(1, 0, 0, 3), 0, 3, 11.5, 21.5);
}

// Booked ahead: nobody knows how long the copy for the next window will stand; it may be gone before it could serve.
TEST(Scheduler, ACopyOfAnEarlierWindowIsNoSourceBeforeItHasRun) {
  const StepInstance step = two_nodes(2, 2);
  const Prepared prepared(step);
  Scheduler scheduler(prepared, base_of_two_nodes(2));
  scheduler.book(*scheduler.earliest(0, 0, 0, 2));
  expect_transfer(scheduler.earliest(1, 0, 0, 3), 0, 3, 2, 4);
  expect_transfer(scheduler.earliest(0, 0, 0, 3), 2, 3, 2, 3);
  scheduler.run(0, 5.0, {});
  EXPECT_EQ(scheduler.clock(), 7.0);
  expect_transfer(scheduler.earliest(1, 0, 0, 3), 2, 3, 2, 3);
}

TEST(Scheduler, GradientsGoHomeAndFreeTheSlot) {
  StepInstance step = two_nodes(2, 1);
  step.gradient_return = true;
  step.schedule = default_schedule(2, true);
  const Prepared prepared(step);
  Scheduler scheduler(prepared, base_of_two_nodes(1));
  scheduler.book(*scheduler.earliest(0, 0, 0, 1));
  scheduler.book(*scheduler.earliest(0, 0, 0, 2));
  scheduler.run(0, 1.0, {});
  EXPECT_EQ(scheduler.clock(), 3.0);
  EXPECT_FALSE(scheduler.earliest(1, 0, 3, 1).has_value());
  scheduler.run(1, 1.0, {});
  EXPECT_EQ(scheduler.clock(), 5.0);
  // 2 seconds inside the node, 4 over NICs.
  expect_transfer(scheduler.earliest(1, 0, 0, 1), 0, 1, 7, 8);
  expect_transfer(scheduler.earliest(1, 0, 3, 2), 3, 2, 9, 10);
  scheduler.run(2, 1.0, {});
  scheduler.run(3, 1.0, {});
  EXPECT_EQ(scheduler.clock(), 8.0);
  EXPECT_EQ(scheduler.finish(), 9.0);
  const auto transfers = scheduler.take();
  ASSERT_EQ(transfers.size(), 4U);
  EXPECT_EQ(transfers[2].kind, TransferKind::gradient);
  EXPECT_EQ(transfers[2].from, 1);
  EXPECT_EQ(transfers[2].to, 0);
  EXPECT_EQ(transfers[2].start_seconds, 5.0);
  EXPECT_EQ(transfers[3].end_seconds, 9.0);
}

TEST(Scheduler, WithoutAPathForItsGradientNoCopyIsOffered) {
  StepInstance step = two_nodes(1, 1);
  step.experts.cluster.link->nic_bytes_per_second = 0;
  step.gradient_return = true;
  step.schedule = default_schedule(1, true);
  const Prepared prepared(step);
  const Scheduler scheduler(prepared, base_of_two_nodes(1));
  EXPECT_TRUE(scheduler.earliest(0, 0, 0, 1).has_value());
  EXPECT_FALSE(scheduler.earliest(0, 0, 0, 2).has_value());
}

// Dispatch keeps the out port of device 0 busy for the first half of a window, combine its in port for the second.
Traffic half_and_half(double seconds) {
  Traffic traffic;
  traffic.dispatch_seconds.assign(16, 0.0);
  traffic.combine_seconds.assign(16, 0.0);
  traffic.dispatch_seconds[0] = seconds;
  traffic.combine_seconds[1] = seconds;
  traffic.dispatch = seconds;
  traffic.combine = seconds;
  return traffic;
}

TEST(Scheduler, TransfersAvoidDispatchAndCombine) {
  StepInstance step = two_nodes(1, 3);
  step.sources.assign(1, std::vector<Matrix<double>>(3, Matrix<double>(4, 4, 0.25)));
  step.experts.cluster.link->host_bytes_per_second = 0;
  const Prepared prepared(step);
  Scheduler scheduler(prepared, base_of_two_nodes(3));
  EXPECT_FALSE(scheduler.earliest(0, 1, 0, 1).has_value());  // the gaps of no window are known
  Traffic traffic = half_and_half(2.0);
  traffic.dispatch_seconds[15] = 2.0;  // what device 3 receives from other nodes: from 0 to 2 and from 2.5 to 4.5
  traffic.combine_seconds[15] = 2.0;
  scheduler.run(0, 0.5, traffic);
  EXPECT_EQ(scheduler.clock(), 4.5);
  expect_transfer(scheduler.earliest(0, 1, 0, 1), 0, 1, 2, 3);  // behind dispatch
  expect_transfer(scheduler.earliest(0, 1, 1, 0), 1, 0, 0, 1);  // before combine
  expect_transfer(scheduler.earliest(0, 2, 0, 1), 0, 1, 2, 3);
  // The next window may wait for its transfers; nothing may reach beyond its start for a later one.
  EXPECT_FALSE(scheduler.earliest(0, 2, 0, 3).has_value());
  expect_transfer(scheduler.earliest(0, 1, 0, 3), 0, 3, 4.5, 6.5);
  scheduler.book(*scheduler.earliest(0, 1, 0, 3));
  EXPECT_EQ(scheduler.ready(), 6.5);
  EXPECT_FALSE(scheduler.earliest(0, 2, 0, 3).has_value());
  scheduler.run(1, 0.5, half_and_half(2.0));
  EXPECT_EQ(scheduler.clock(), 11.0);
  expect_transfer(scheduler.earliest(0, 2, 0, 3), 0, 3, 6.5, 8.5);
}

TEST(Scheduler, OverlapKeepsLinksBusyFromTheStart) {
  StepInstance step = two_nodes(1, 2);
  step.communication.overlap = Overlap::full;
  step.sources.assign(1, std::vector<Matrix<double>>(2, Matrix<double>(4, 4, 0.25)));
  const Prepared prepared(step);
  Scheduler scheduler(prepared, base_of_two_nodes(2));
  Traffic traffic = half_and_half(2.0);
  traffic.combine_seconds[0] = 0.5;
  scheduler.run(0, 6.0, traffic);
  EXPECT_EQ(scheduler.clock(), 6.0);
  expect_transfer(scheduler.earliest(0, 1, 0, 1), 0, 1, 2.5, 3.5);
  expect_transfer(scheduler.earliest(0, 1, 1, 0), 1, 0, 2, 3);
}

TEST(Scheduler, GradientsWaitForGaps) {
  StepInstance step = two_nodes(2, 1);
  step.gradient_return = true;
  step.schedule = default_schedule(2, true);
  step.sources.assign(2, std::vector<Matrix<double>>(1, Matrix<double>(4, 4, 0.25)));
  const Prepared prepared(step);
  Scheduler scheduler(prepared, base_of_two_nodes(1));
  scheduler.book(*scheduler.earliest(0, 0, 0, 1));
  scheduler.run(0, 1.0, {});
  scheduler.run(1, 1.0, {});
  EXPECT_EQ(scheduler.clock(), 4.0);
  // For the next window the slot can be had: its gradient goes first.
  expect_transfer(scheduler.earliest(1, 0, 0, 1), 0, 1, 6, 7);
  // Left alone, it finds its way into device 0 behind what combine takes.
  Traffic traffic = half_and_half(1.0);
  traffic.dispatch_seconds[1] = 1.0;
  scheduler.run(2, 1.0, traffic);
  EXPECT_EQ(scheduler.clock(), 7.0);
  scheduler.run(3, 1.0, traffic);
  EXPECT_EQ(scheduler.clock(), 11.0);
  EXPECT_EQ(scheduler.finish(), 11.0);
  const auto transfers = scheduler.take();
  ASSERT_EQ(transfers.size(), 2U);
  EXPECT_EQ(transfers[1].start_seconds, 8.0);  // between dispatch and combine of the backward window
  EXPECT_EQ(transfers[1].end_seconds, 10.0);
}

TEST(Scheduler, BringsTheNextArrivalFirst) {
  const StepInstance step = two_nodes(1, 1);
  const Prepared prepared(step);
  Scheduler scheduler(prepared, base_of_two_nodes(1));
  const std::vector<Wanted> wanted = {{0, 3, -1}, {0, 2, -1}, {0, 1, -1}, {1, 3, -1}};
  const auto booked = scheduler.bring(0, 0, wanted);
  expect_transfer(booked[2], 0, 1, 0, 1);
  expect_transfer(booked[0], 0, 3, 0, 2);
  expect_transfer(booked[1], 3, 2, 2, 3);
  EXPECT_FALSE(booked[3].has_value());  // its slot is taken
  EXPECT_GT(scheduler.work(), 0U);
}

// What came too late over the NIC comes in time from a copy that another transfer brought into the node.
TEST(Scheduler, BringsFromNewCopiesWhatWouldComeTooLate) {
  const StepInstance step = two_nodes(1, 2);
  const Prepared prepared(step);
  Scheduler scheduler(prepared, base_of_two_nodes(2));
  scheduler.book(*scheduler.earliest(0, 1, 1, 2));  // keeps the NIC of device 2 busy until 2
  const std::vector<Wanted> wanted = {{0, 2, -1}, {0, 3, -1}};
  const auto booked = scheduler.bring(0, 0, wanted, 3.0);
  expect_transfer(booked[1], 0, 3, 0, 2);
  expect_transfer(booked[0], 3, 2, 2, 3);
}

TEST(Scheduler, FollowsAStream) {
  const StepInstance step = two_nodes(2, 1);
  const Prepared prepared(step);
  Scheduler scheduler(prepared, base_of_two_nodes(1));
  scheduler.book(*scheduler.earliest(0, 0, 0, 1));
  scheduler.book(*scheduler.earliest(1, 0, 0, 2));
  scheduler.run(0, 2.0, {});
  EXPECT_THROW(scheduler.follow(prepared, 1), Error);  // transfers are taken first
  EXPECT_EQ(scheduler.take().size(), 2U);
  const StepInstance later = two_nodes(3, 1);
  const Prepared next(later);
  scheduler.follow(next, 1);
  EXPECT_EQ(scheduler.next_window(), 0);
  EXPECT_EQ(scheduler.ready(), 3.0);
  expect_transfer(scheduler.earliest(0, 0, 0, 1), 0, 1, 3, 4);
  EXPECT_FALSE(scheduler.earliest(1, 0, 3, 2).has_value());  // what micro-step 0 has booked stays
  scheduler.run(0, 1.0, {});
  EXPECT_EQ(scheduler.clock(), 4.0);
  expect_transfer(scheduler.earliest(1, 0, 3, 2), 3, 2, 4, 5);
}

}  // namespace
}  // namespace plimsoll::experts::step
