#include "executor/transfer/engine.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "executor/telemetry/clock.hpp"
#include "executor/threads/waiting.hpp"
#include "plimsoll/error.hpp"

namespace plimsoll::executor {
namespace {

using Bytes = std::vector<std::byte>;

Bytes some_bytes(std::size_t count, int seed) {
  Bytes bytes(count);
  for (std::size_t i = 0; i < count; ++i)
    bytes[i] = static_cast<std::byte>(i * 131 + i / 251 + static_cast<std::size_t>(seed));
  return bytes;
}

TEST(CopyPastCaches, CopiesEverySizeAndOffset) {
  const Bytes from = some_bytes(2000, 1);
  for (const Isa isa : {Isa::portable, best_isa()}) {
    const CopyBytes copy = copy_past_caches(isa);
    for (std::size_t offset = 0; offset < 70; offset += 3) {
      for (std::size_t bytes = 0; bytes < 600; bytes += bytes < 140 ? 1 : 61) {
        Bytes to(1000, std::byte{0xee});
        copy(to.data() + offset, from.data() + offset / 2, bytes);
        for (std::size_t i = 0; i < to.size(); ++i) {
          const bool inside = i >= offset && i < offset + bytes;
          ASSERT_EQ(to[i], inside ? from[offset / 2 + i - offset] : std::byte{0xee});
        }
      }
    }
  }
}

class TransferEngines : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Threads, TransferEngines, testing::Values(1, 3));

TEST_P(TransferEngines, WhatHasArrivedIsReadable) {
  const std::size_t size = 700'001;
  std::vector<Bytes> from;
  std::vector<Bytes> to(12, Bytes(size));
  for (int i = 0; i < 12; ++i) from.push_back(some_bytes(size, i));
  TransferEngine engine(6, GetParam());
  std::vector<int> jobs;
  for (std::size_t i = 0; i < from.size(); ++i) {
    const int port = static_cast<int>(i % 3);
    jobs.push_back(engine.submit({from[i].data(), to[i].data(), size, {{port, port + 3}, 2e9, 1e-5}}));
  }
  // Two consumers at a time.
  std::thread other([&] {
    for (std::size_t i = 0; i < jobs.size(); i += 2) {
      EXPECT_TRUE(engine.wait(jobs[i]).arrived);
      EXPECT_EQ(to[i], from[i]);
    }
  });
  for (std::size_t i = 1; i < jobs.size(); i += 2) {
    EXPECT_TRUE(engine.wait(jobs[i]).arrived);
    EXPECT_EQ(to[i], from[i]);
  }
  other.join();
  EXPECT_EQ(engine.wait(jobs[0]).seconds, 0);
  EXPECT_TRUE(engine.has_arrived(jobs[0]));
  EXPECT_EQ(engine.totals().bytes, static_cast<std::int64_t>(size * 12));
  EXPECT_GT(engine.totals().cpu_seconds, 0);
  EXPECT_GT(engine.busy_seconds(0), 0);
  // Four in a row on each port, since the first of them was submitted.
  const std::int64_t least = 4 * static_cast<std::int64_t>(static_cast<double>(size) / 2e9 * 1e9);
  EXPECT_GE(engine.report(jobs[11]).ended_ns - engine.report(jobs[2]).submitted_ns, least);
}

TEST_P(TransferEngines, ChainsThroughReplicasStillArriving) {
  const Bytes first = some_bytes(1'000'000, 3);
  std::vector<Bytes> hops(6, Bytes(first.size()));
  TransferEngine engine(0, GetParam());
  int last = engine.submit({first.data(), hops[0].data(), first.size(), {}});
  for (std::size_t i = 1; i < hops.size(); ++i) {
    last = engine.submit({hops[i - 1].data(), hops[i].data(), first.size(), {}, 0, last});
  }
  EXPECT_TRUE(engine.wait(last).arrived);
  EXPECT_EQ(hops.back(), first);
}

// A slot that is computed with until its release is written after it.
TEST_P(TransferEngines, HeldTransfersWriteAfterTheirRelease) {
  const Bytes from = some_bytes(300'000, 4);
  Bytes slot(from.size());
  TransferEngine engine(1, GetParam());
  for (int round = 0; round < 20; ++round) {
    const int job = engine.submit({from.data(), slot.data(), slot.size(), {{0, -1}, 0, 0}, 0, -1, true});
    std::fill(slot.begin(), slot.end(), std::byte{0});
    engine.release(job);
    EXPECT_TRUE(engine.wait(job).arrived);
    EXPECT_EQ(slot, from);
  }
}

TEST_P(TransferEngines, CancelledOnesAreNotWaitedFor) {
  const Bytes from = some_bytes(4'000'000, 5);
  Bytes to(from.size());
  TransferEngine engine(1, GetParam());
  // Would take an hour.
  const int slow = engine.submit({from.data(), to.data(), to.size(), {{0, -1}, 1e3, 0}});
  const int behind = engine.submit({from.data(), to.data(), to.size(), {{0, -1}, 1e3, 0}});
  const int dependent = engine.submit({to.data(), to.data(), 0, {}, 0, behind});
  std::thread waiting([&] { EXPECT_FALSE(engine.wait(dependent).arrived); });
  engine.cancel(behind);
  waiting.join();
  engine.cancel(slow);
  EXPECT_FALSE(engine.wait(slow).arrived);
  const int fast = engine.submit({from.data(), to.data(), to.size(), {{0, -1}, 0, 0}});
  EXPECT_TRUE(engine.wait(fast).arrived);
  EXPECT_EQ(to, from);
}

TEST_P(TransferEngines, EndsInTheMiddleOfTransfers) {
  const Bytes from = some_bytes(4'000'000, 6);
  for (int round = 0; round < 10; ++round) {
    Bytes to(from.size());
    TransferEngine engine(2, GetParam());
    for (int i = 0; i < 6; ++i) engine.submit({from.data(), to.data(), to.size(), {{i % 2, -1}, 1e8, 0}});
  }
}

TEST(TransferEngine, NeedsAThread) { EXPECT_THROW(TransferEngine(1, 0), Error); }

TEST(Doze, EndsWithItsTimeAndForAChange) {
  std::atomic<std::uint32_t> word{1};
  sleep_while(word, 0);  // has changed already
  const std::int64_t end = now_ns() + 1'000'000;
  while (now_ns() < end) sleep_while(word, 1, end);
  std::thread other([&] {
    word.store(2);
    wake_all(word);
  });
  while (word.load() == 1) sleep_while(word, 1);
  other.join();
}

}  // namespace
}  // namespace plimsoll::executor
