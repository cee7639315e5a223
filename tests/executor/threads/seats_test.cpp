#include "executor/threads/seats.hpp"

#include <gtest/gtest.h>
#include <sched.h>

#include <algorithm>
#include <atomic>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "executor/threads/topology.hpp"
#include "plimsoll/error.hpp"

namespace plimsoll::executor {
namespace {

struct Shape {
  int devices;
  int threads;
};

class SeatsOf : public testing::TestWithParam<Shape> {};

INSTANTIATE_TEST_SUITE_P(Shapes, SeatsOf,
                         testing::Values(Shape{1, 0}, Shape{1, 1}, Shape{1, 3}, Shape{2, 2}, Shape{2, 5}, Shape{3, 2},
                                         Shape{8, 2}, Shape{64, 3}, Shape{4, 1}),
                         [](const auto& of) {
                           return "D" + std::to_string(of.param.devices) + "T" + std::to_string(of.param.threads);
                         });

TEST_P(SeatsOf, ShareOutTheThreads) {
  const auto [devices, threads] = GetParam();
  const Seats seats(devices, threads);
  const int all = threads == 0 ? static_cast<int>(usable_cores().size()) : threads;
  EXPECT_EQ(seats.threads(), all);
  EXPECT_EQ(seats.seats(), std::min(devices, all));
  int sum = 0;
  int least = all;
  int most = 0;
  for (int device = 0; device < seats.seats(); ++device) {
    sum += seats.threads_of(device);
    least = std::min(least, seats.threads_of(device));
    most = std::max(most, seats.threads_of(device));
  }
  EXPECT_EQ(sum, all);
  EXPECT_LE(most - least, 1);
  for (int device = 0; device < devices; ++device) {
    EXPECT_EQ(seats.threads_of(device), seats.threads_of(device % seats.seats()));
  }
}

TEST_P(SeatsOf, EveryDeviceRunsOnceOnItsSeat) {
  const auto [devices, threads] = GetParam();
  Seats seats(devices, threads);
  std::vector<std::thread::id> leader(static_cast<std::size_t>(devices));
  for (int round = 0; round < 200; ++round) {
    std::vector<int> times(static_cast<std::size_t>(devices));
    std::vector<int> chunks(static_cast<std::size_t>(devices));
    std::vector<int> last(static_cast<std::size_t>(seats.seats()), -1);
    std::atomic<int> disorder = 0;
    seats.run(devices, [&](int device, Team& team) {
      const auto own = static_cast<std::size_t>(device);
      ++times[own];
      int& before = last[own % last.size()];
      disorder += before >= device ? 1 : 0;
      before = device;
      if (round == 0) leader[own] = std::this_thread::get_id();
      disorder += leader[own] != std::this_thread::get_id() || team.size() != seats.threads_of(device) ? 1 : 0;
      std::atomic<int> done = 0;
      team.run(20, [&](int, int) { ++done; });
      chunks[own] = done;
    });
    ASSERT_EQ(std::count(times.begin(), times.end(), 1), devices);
    ASSERT_EQ(std::count(chunks.begin(), chunks.end(), 20), devices);
    ASSERT_EQ(disorder, 0);
  }
  for (int device = 0; device < devices; ++device) {
    EXPECT_EQ(leader[static_cast<std::size_t>(device)], leader[static_cast<std::size_t>(device % seats.seats())]);
    EXPECT_NE(leader[static_cast<std::size_t>(device)], std::this_thread::get_id());
  }
}

TEST(Seats, AllSeatsRunAtOnce) {
  Seats seats(3, 3);
  std::atomic<int> arrived = 0;
  seats.run(3, [&](int, Team&) {
    ++arrived;
    while (arrived < 3) std::this_thread::yield();
  });
  EXPECT_EQ(arrived, 3);
}

TEST(Seats, MayRunFewerOrMoreDevices) {
  Seats seats(2, 2);
  for (const int devices : {0, 1, 2, 7}) {
    std::atomic<int> ran = 0;
    seats.run(devices, [&](int, Team&) { ++ran; });
    EXPECT_EQ(ran, devices);
  }
}

TEST(Seats, RethrowTheLowestDevicesFailureAfterAllHaveEnded) {
  Seats seats(8, 3);
  for (int round = 0; round < 20; ++round) {
    std::atomic<int> ran = 0;
    try {
      seats.run(8, [&](int device, Team& team) {
        ++ran;
        if (device >= 3) team.run(2, [&](int, int) { throw std::runtime_error(std::to_string(device)); });
      });
      FAIL();
    } catch (const std::runtime_error& failure) {
      EXPECT_STREQ(failure.what(), "3");
    }
    EXPECT_EQ(ran, 8);
  }
  EXPECT_THROW(seats.run(2, [&](int, Team&) { seats.run(1, [](int, Team&) {}); }), Error);
  seats.run(8, [](int, Team&) {});
}

TEST(Seats, RefuseWhatMakesNoSense) {
  EXPECT_THROW(Seats(0, 1), Error);
  EXPECT_THROW(Seats(1, -1), Error);
}

TEST(Seats, SitOnTheCoresTheyWereGiven) {
  const auto cores = usable_cores();
  Seats seats(static_cast<int>(cores.size()), 0);
  if (!seats.pinned()) GTEST_SKIP() << "this system does not pin threads";
  std::vector<int> on(cores.size());
  seats.run(seats.seats(), [&](int device, Team&) { on[static_cast<std::size_t>(device)] = sched_getcpu(); });
  for (std::size_t seat = 0; seat < cores.size(); ++seat) {
    EXPECT_EQ(on[seat], cores[seat].id);
    EXPECT_EQ(seats.numa_node_of(static_cast<int>(seat)), cores[seat].numa_node);
  }
}

}  // namespace
}  // namespace plimsoll::executor
