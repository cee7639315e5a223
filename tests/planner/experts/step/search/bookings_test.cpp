// Bookings of links: what a path takes, gaps between bookings, links that block each other and those that do not.
#include "planner/experts/step/search/bookings.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "support/random.hpp"

namespace plimsoll::experts::step {
namespace {

// Two nodes of two devices; a byte takes 1 second inside a node, 2 between nodes and 4 from the host.
Cluster two_nodes() {
  Cluster cluster;
  cluster.nodes = 2;
  cluster.devices_per_node = 2;
  cluster.link = Link{1.0, 0.5, 0.25, 0.0};
  return cluster;
}

TEST(Bookings, SecondsByPath) {
  Cluster cluster = two_nodes();
  cluster.link->latency_seconds = 0.5;
  const Bookings links(cluster);
  EXPECT_EQ(links.seconds(false, 0, 1, 10), 10.5);
  EXPECT_EQ(links.seconds(false, 0, 2, 10), 20.5);
  EXPECT_EQ(links.seconds(true, 1, 2, 10), 40.5);
  EXPECT_EQ(links.seconds(true, 0, 2, 10), never);  // another node's host
  EXPECT_EQ(links.seconds(false, 2, 2, 10), never);
}

TEST(Bookings, ARateThatIsNotGivenIsNoPath) {
  Cluster cluster = two_nodes();
  cluster.link->nic_bytes_per_second = 0;
  const Bookings links(cluster);
  EXPECT_EQ(links.seconds(false, 0, 2, 10), never);
  EXPECT_EQ(links.earliest(false, 0, 2, 10, 0.0), never);
  EXPECT_EQ(links.earliest(false, 0, 1, 10, 3.0), 3.0);
}

TEST(Bookings, WithoutRatesNothingTakesTimeOrConflicts) {
  Cluster cluster = two_nodes();
  cluster.link.reset();
  Bookings links(cluster);
  EXPECT_EQ(links.seconds(false, 0, 3, 1e9), 0.0);
  EXPECT_EQ(links.seconds(false, 3, 3, 1e9), never);
  links.book(false, 0, 3, 1.0, 5.0);
  links.occupy(0, 0.0, 9.0);
  EXPECT_EQ(links.earliest(false, 0, 3, 1e9, 2.0), 2.0);
  EXPECT_EQ(links.booked_seconds(false, 0, 3), 0.0);
}

TEST(Bookings, GapsAreUsedAndTouchingIsAllowed) {
  const Cluster cluster = two_nodes();
  Bookings links(cluster);
  links.book(false, 0, 1, 2.0, 4.0);
  links.book(false, 0, 1, 7.0, 9.0);
  EXPECT_EQ(links.earliest(false, 0, 1, 2, 0.0), 0.0);
  EXPECT_EQ(links.earliest(false, 0, 1, 3, 0.0), 4.0);  // exactly the gap from 4 to 7
  EXPECT_EQ(links.earliest(false, 0, 1, 3.5, 0.0), 9.0);
  EXPECT_EQ(links.earliest(false, 0, 1, 1, 3.0), 4.0);
  EXPECT_EQ(links.earliest(false, 0, 1, 1, 6.5), 9.0);
  links.book(false, 0, 1, 4.0, 7.0);
  EXPECT_EQ(links.earliest(false, 0, 1, 3, 0.0), 9.0);
}

TEST(Bookings, TakingBackOpensTheGapAgain) {
  const Cluster cluster = two_nodes();
  Bookings links(cluster);
  links.book(false, 0, 1, 0.0, 2.0);
  const auto before = links.book(false, 0, 1, 2.0, 4.0);
  links.book(false, 0, 1, 4.0, 6.0);
  EXPECT_EQ(links.earliest(false, 0, 1, 2, 0.0), 6.0);
  links.take_back(false, 0, 1, 2.0, 4.0, before);
  EXPECT_EQ(links.earliest(false, 0, 1, 2, 0.0), 2.0);
  EXPECT_EQ(links.earliest(false, 0, 1, 2.5, 0.0), 6.0);
  links.book(false, 0, 1, 2.0, 3.0);
  EXPECT_EQ(links.earliest(false, 0, 1, 1, 0.0), 3.0);
}

TEST(Bookings, OnlyLinksOfThePathAndTheDirectionCount) {
  const Cluster cluster = two_nodes();
  Bookings links(cluster);
  links.book(false, 0, 1, 0.0, 10.0);
  EXPECT_EQ(links.earliest(false, 1, 0, 5, 0.0), 0.0);  // the other direction
  EXPECT_EQ(links.earliest(false, 0, 2, 5, 0.0), 0.0);  // a NIC
  EXPECT_EQ(links.earliest(true, 0, 1, 5, 0.0), 0.0);   // the host link
  EXPECT_EQ(links.earliest(false, 0, 1, 5, 0.0), 10.0);
  links.book(false, 2, 0, 0.0, 6.0);
  links.book(false, 1, 3, 0.0, 3.0);
  EXPECT_EQ(links.earliest(false, 3, 0, 1, 0.0), 6.0);  // what device 0 receives
  EXPECT_EQ(links.earliest(false, 1, 2, 1, 0.0), 3.0);  // what device 1 sends
  EXPECT_EQ(links.earliest(false, 0, 3, 1, 0.0), 3.0);
  EXPECT_EQ(links.booked_seconds(false, 2, 0), 12.0);
}

TEST(Bookings, DevicesMayShareANic) {
  Cluster cluster = two_nodes();
  cluster.nic_of_device = {0, 0, 2, 2};
  Bookings links(cluster);
  links.book(false, 0, 2, 0.0, 4.0);
  EXPECT_EQ(links.earliest(false, 1, 3, 1, 0.0), 4.0);
  EXPECT_EQ(links.earliest(false, 3, 1, 1, 0.0), 0.0);
}

TEST(Bookings, DispatchAndCombineTakeLinksByNumber) {
  const Cluster cluster = two_nodes();
  Bookings links(cluster);
  links.occupy(4 * 0 + 0, 1.0, 2.0);  // out port of device 0
  links.occupy(4 * 2 + 3, 3.0, 5.0);  // what NIC 2 receives
  EXPECT_EQ(links.earliest(false, 0, 1, 1.5, 0.0), 2.0);
  EXPECT_EQ(links.earliest(false, 1, 2, 2, 0.0), 5.0);
  EXPECT_EQ(links.booked_seconds(false, 0, 1), 0.0);
}

TEST(Bookings, NothingIsOfferedBeyondTheLimit) {
  const Cluster cluster = two_nodes();
  Bookings links(cluster);
  links.book(false, 0, 1, 1.0, 4.0);
  EXPECT_EQ(links.earliest(false, 0, 1, 2, 0.0, 6.0), 4.0);
  EXPECT_EQ(links.earliest(false, 0, 1, 2, 0.0, 5.5), never);
  EXPECT_EQ(links.earliest(false, 0, 1, 1, 0.0, 1.0), 0.0);
}

TEST(Bookings, WhatIsForgottenIsNotOffered) {
  const Cluster cluster = two_nodes();
  Bookings links(cluster);
  links.book(false, 0, 1, 1.0, 4.0);
  links.book(false, 0, 1, 6.0, 8.0);
  links.forget_before(5.0);
  EXPECT_EQ(links.earliest(false, 0, 1, 0.5, 0.0), 5.0);
  EXPECT_EQ(links.earliest(false, 0, 1, 2, 0.0), 8.0);
}

// Against all bookings one by one: an earliest start is the release or the end of some booking.
TEST(Bookings, AgreesWithExhaustiveSearch) {
  const Cluster cluster = two_nodes();
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    support::Random random(seed, 5);
    Bookings links(cluster);
    using Booking = std::pair<double, double>;
    std::vector<std::vector<Booking>> busy(4 * 4);
    const auto path = [](int from, int to) {
      const auto f = static_cast<std::size_t>(from) * 4;
      const auto t = static_cast<std::size_t>(to) * 4;
      return from / 2 == to / 2 ? std::pair{f, t + 1} : std::pair{f + 2, t + 3};
    };
    for (int round = 0; round < 60; ++round) {
      const int from = static_cast<int>(random.below(4));
      int to = static_cast<int>(random.below(3));
      if (to >= from) ++to;
      const double bytes = static_cast<double>(1 + random.below(8)) / 2;
      const double length = links.seconds(false, from, to, bytes);
      const double release = static_cast<double>(random.below(80)) / 2;
      const auto [out, in] = path(from, to);
      std::vector<double> starts = {release};
      for (const std::size_t link : {out, in}) {
        for (const Booking& each : busy[link]) starts.push_back(std::max(each.second, release));
      }
      double best = never;
      for (const double start : starts) {
        bool idle = true;
        for (const std::size_t link : {out, in}) {
          for (const Booking& each : busy[link]) idle = idle && (each.second <= start || each.first >= start + length);
        }
        if (idle) best = std::min(best, start);
      }
      ASSERT_EQ(links.earliest(false, from, to, bytes, release), best) << "seed " << seed << ", round " << round;
      // Some bookings elsewhere than at the earliest start, so that gaps remain.
      const double start = random.uniform() < 0.7 ? best : links.earliest(false, from, to, bytes, release + 5.0);
      links.book(false, from, to, start, start + length);
      busy[out].emplace_back(start, start + length);
      busy[in].emplace_back(start, start + length);
    }
  }
}

}  // namespace
}  // namespace plimsoll::experts::step
