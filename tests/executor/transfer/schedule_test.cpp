#include "executor/transfer/schedule.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "plimsoll/error.hpp"
#include "support/random.hpp"

namespace plimsoll::executor {
namespace {

constexpr std::int64_t second = 1'000'000'000;
constexpr std::size_t mebibyte = std::size_t{1} << 20U;

LinkPath path(int first, int second_port, double rate, double latency = 0) {
  return {{first, second_port}, rate, latency};
}

// An engine without threads: time moves to the next due piece, and by the bytes of a piece.
class Simulation {
 public:
  Simulation(int ports, double copy_rate) : schedule(ports), copy_rate_(copy_rate) {}

  // Until nothing is left to do, or this time.
  void run(std::int64_t end_ns = TransferSchedule::never) {
    while (now < end_ns) {
      const TransferSchedule::Piece piece = schedule.next(now);
      if (piece.job < 0) {
        ++sleeps;
        if (piece.until_ns == TransferSchedule::never) return;
        now = std::min(piece.until_ns, end_ns);
        continue;
      }
      EXPECT_LE(piece.bytes, TransferSchedule::most_bytes);
      if (piece.bytes > 0) std::memcpy(piece.to, piece.from, piece.bytes);
      pieces.push_back(piece);
      begins.push_back(now);
      now += static_cast<std::int64_t>(static_cast<double>(piece.bytes) / copy_rate_ * 1e9);
      schedule.copied(piece, now);
    }
  }
  [[nodiscard]] bool arrived(int job) const { return schedule.state(job) == TransferSchedule::arrived; }
  [[nodiscard]] double ended(int job) const { return static_cast<double>(schedule.report(job).ended_ns) * 1e-9; }

  TransferSchedule schedule;
  std::int64_t now = second;
  int sleeps = 0;
  std::vector<TransferSchedule::Piece> pieces;
  std::vector<std::int64_t> begins;

 private:
  double copy_rate_;
};

struct Buffers {
  explicit Buffers(std::size_t bytes) : from(bytes), to(bytes) {
    for (std::size_t i = 0; i < bytes; ++i) from[i] = static_cast<std::byte>(i * 131 + i / 251);
  }
  TransferJob job(const LinkPath& over, std::int64_t start_ns = 0) {
    return {.from = from.data(), .to = to.data(), .bytes = from.size(), .path = over, .start_ns = start_ns};
  }
  std::vector<std::byte> from;
  std::vector<std::byte> to;
};

TEST(TransferSchedule, NeverMovesMoreThanTheLinkCarries) {
  Buffers buffers(17 * mebibyte + 13);
  for (const double rate : {1e8, 1e9, 1e10, 1e11}) {
    Simulation simulation(2, 12e9);
    const std::int64_t start = 2 * second;
    const int job = simulation.schedule.submit(buffers.job(path(0, 1, rate, 1e-4), start), simulation.now);
    simulation.run();
    ASSERT_TRUE(simulation.arrived(job));
    EXPECT_EQ(buffers.from, buffers.to);
    double moved = 0;
    for (std::size_t i = 0; i < simulation.pieces.size(); ++i) {
      moved += static_cast<double>(simulation.pieces[i].bytes);
      EXPECT_LE(moved, rate * (static_cast<double>(simulation.begins[i] - start) * 1e-9 - 1e-4) * (1 + 1e-9) + 1);
    }
    const double least = 2 + 1e-4 + static_cast<double>(buffers.from.size()) / std::min(rate, 12e9);
    EXPECT_GE(simulation.ended(job), 2 + 1e-4 + static_cast<double>(buffers.from.size()) / rate - 1e-8);
    EXPECT_LE(simulation.ended(job), least + 100e-6);
    // Batches of at least about 200 us, but for the last ones.
    EXPECT_LE(simulation.sleeps, 25 + static_cast<int>((least - 2) / 200e-6));
  }
}

TEST(TransferSchedule, APortCarriesOneTransferAtATimeInTheOrderOfSubmission) {
  std::vector<Buffers> buffers(4, Buffers(mebibyte));
  Simulation simulation(4, 50e9);
  auto& schedule = simulation.schedule;
  const double rate = 1e8;
  const double each = static_cast<double>(mebibyte) / rate;
  const int first = schedule.submit(buffers[0].job(path(0, 2, rate)), simulation.now);
  const int second_out = schedule.submit(buffers[1].job(path(0, 3, rate)), simulation.now);
  const int third = schedule.submit(buffers[2].job(path(1, 3, rate)), simulation.now);
  const int other = schedule.submit(buffers[3].job(path(1, -1, rate), second), simulation.now);
  simulation.run();
  EXPECT_NEAR(simulation.ended(first), 1 + each, 1e-5);
  EXPECT_NEAR(simulation.ended(second_out), 1 + 2 * each, 1e-5);
  EXPECT_NEAR(simulation.ended(third), 1 + 3 * each, 1e-5);
  EXPECT_NEAR(simulation.ended(other), 1 + 4 * each, 1e-5);
  EXPECT_NEAR(schedule.busy_seconds(1), 2 * each, 1e-6);
  EXPECT_NEAR(schedule.busy_seconds(0), 2 * each, 1e-6);
  EXPECT_NEAR(schedule.report(third).late_seconds, 2 * each, 1e-5);
}

// What the engine is late with does not add up over a chain of transfers.
TEST(TransferSchedule, ALinkIsNoSlowerForAnEngineThatWakesLate) {
  const int count = 50;
  std::vector<Buffers> buffers(count, Buffers(mebibyte));
  TransferSchedule schedule(1);
  const double rate = 1e9;
  for (Buffers& pair : buffers) schedule.submit(pair.job(path(0, -1, rate)), second);
  std::int64_t now = second;
  for (;;) {
    const TransferSchedule::Piece piece = schedule.next(now);
    if (piece.job >= 0) {
      schedule.copied(piece, now);
      continue;
    }
    if (piece.until_ns == TransferSchedule::never) break;
    now = piece.until_ns + 60'000;
  }
  const double least = 1 + count * static_cast<double>(mebibyte) / rate;
  EXPECT_NEAR(static_cast<double>(schedule.report(count - 1).ended_ns) * 1e-9, least, 100e-6);
}

TEST(TransferSchedule, ServesDueTransfersInTurn) {
  std::vector<Buffers> buffers(3, Buffers(4 * mebibyte));
  Simulation simulation(0, 1e9);
  for (Buffers& pair : buffers) simulation.schedule.submit(pair.job(LinkPath{}), simulation.now);
  simulation.run();
  ASSERT_EQ(simulation.pieces.size(), 48U);
  for (std::size_t i = 0; i < simulation.pieces.size(); ++i) {
    EXPECT_EQ(simulation.pieces[i].job, static_cast<int>(i % 3));
  }
}

TEST(TransferSchedule, WaitsForSourcesHoldsAndStarts) {
  std::vector<std::byte> a(mebibyte, std::byte{7});
  std::vector<std::byte> b(mebibyte);
  std::vector<std::byte> c(mebibyte);
  Simulation simulation(4, 50e9);
  auto& schedule = simulation.schedule;
  const double rate = 1e9;
  const double each = static_cast<double>(mebibyte) / rate;
  const int first = schedule.submit({a.data(), b.data(), mebibyte, path(0, 1, rate), 3 * second}, second);
  const int second_hop = schedule.submit({b.data(), c.data(), mebibyte, path(2, 3, rate), 0, first}, second);
  const int held = schedule.submit({a.data(), b.data(), 0, path(2, 3, rate), 0, -1, true}, second);
  const int behind = schedule.submit({a.data(), b.data(), 0, path(2, -1, rate)}, second);
  simulation.run();
  EXPECT_NEAR(simulation.ended(first), 3 + each, 1e-5);
  EXPECT_NEAR(simulation.ended(second_hop), 3 + 2 * each, 1e-5);
  EXPECT_EQ(c, a);
  EXPECT_EQ(schedule.state(held), TransferSchedule::pending);
  EXPECT_EQ(schedule.state(behind), TransferSchedule::pending);
  simulation.now = 9 * second;
  schedule.release(held, simulation.now);
  schedule.release(held, simulation.now);
  simulation.run();
  EXPECT_NEAR(simulation.ended(held), 9, 1e-9);
  EXPECT_NEAR(simulation.ended(behind), 9, 1e-9);
}

TEST(TransferSchedule, ZeroBytesTakeTheLatency) {
  Simulation simulation(1, 1e9);
  const int job = simulation.schedule.submit({nullptr, nullptr, 0, path(0, -1, 1e9, 0.5)}, second);
  const int free = simulation.schedule.submit({}, second);
  simulation.run();
  EXPECT_NEAR(simulation.ended(job), 1.5, 1e-8);
  EXPECT_NEAR(simulation.ended(free), 1, 1e-8);
}

TEST(TransferSchedule, CancelledJobsPassTheirTurnOn) {
  std::vector<Buffers> buffers(4, Buffers(mebibyte));
  Simulation simulation(1, 50e9);
  auto& schedule = simulation.schedule;
  const double rate = 1e8;
  const double each = static_cast<double>(mebibyte) / rate;
  const int running = schedule.submit(buffers[0].job(path(0, -1, rate)), second);
  const int waiting = schedule.submit(buffers[1].job(path(0, -1, rate)), second);
  TransferJob dependent = buffers[2].job(LinkPath{});
  dependent.after = waiting;
  const int lost = schedule.submit(dependent, second);
  const int last = schedule.submit(buffers[3].job(path(0, -1, rate)), second);
  simulation.run(second + second / 1000);
  schedule.cancel(waiting, simulation.now);
  EXPECT_EQ(schedule.state(waiting), TransferSchedule::cancelled);
  EXPECT_EQ(schedule.state(lost), TransferSchedule::cancelled);
  const int lost_too = schedule.submit(dependent, simulation.now);
  EXPECT_EQ(schedule.state(lost_too), TransferSchedule::cancelled);
  simulation.run();
  EXPECT_NEAR(simulation.ended(running), 1 + each, 1e-5);
  EXPECT_NEAR(simulation.ended(last), 1 + 2 * each, 1e-5);
  EXPECT_EQ(buffers[1].to, std::vector<std::byte>(mebibyte));
  EXPECT_EQ(buffers[3].to, buffers[3].from);
}

TEST(TransferSchedule, CancellingInTheMiddleFreesThePort) {
  Buffers first(4 * mebibyte);
  Buffers next(mebibyte);
  TransferSchedule schedule(1);
  const double rate = 1e9;
  const int running = schedule.submit(first.job(path(0, -1, rate)), second);
  const int after = schedule.submit(next.job(path(0, -1, rate)), second);
  static_cast<void>(schedule.next(second));
  const TransferSchedule::Piece piece = schedule.next(second + 1'000'000);
  ASSERT_EQ(piece.job, running);
  schedule.cancel(running, second + 1'100'000);
  // The piece is still being written.
  EXPECT_EQ(schedule.state(running), TransferSchedule::pending);
  schedule.copied(piece, second + 1'200'000);
  EXPECT_EQ(schedule.state(running), TransferSchedule::cancelled);
  const TransferSchedule::Piece idle = schedule.next(second + 1'200'000);
  EXPECT_EQ(idle.job, -1);
  EXPECT_GE(schedule.next(idle.until_ns).job, after);
  schedule.cancel(running, second);
}

TEST(TransferSchedule, ManyCancelledJobsPassOnOneAfterTheOther) {
  TransferSchedule schedule(1);
  Buffers buffers(mebibyte);
  const int first = schedule.submit(buffers.job(path(0, -1, 1e9)), second);
  const int count = 200'000;
  for (int i = 0; i < count; ++i) schedule.submit({nullptr, nullptr, 0, path(0, -1, 1e9)}, second);
  static_cast<void>(schedule.next(second));
  const TransferSchedule::Piece piece = schedule.next(2 * second);
  for (int job = 0; job <= count; ++job) schedule.cancel(job, 2 * second);
  schedule.copied(piece, 2 * second);
  EXPECT_EQ(schedule.state(first), TransferSchedule::cancelled);
  EXPECT_EQ(schedule.next(3 * second).until_ns, TransferSchedule::never);
  EXPECT_EQ(schedule.ended().size(), static_cast<std::size_t>(count + 1));
}

// Random jobs with random links, sources, holds and cancellations: all end, ports never carry two.
TEST(TransferSchedule, RandomJobsEndInOrder) {
  support::Random random(7);
  std::vector<std::byte> memory(mebibyte);
  for (int round = 0; round < 300; ++round) {
    SCOPED_TRACE(round);
    Simulation simulation(4, 20e9);
    auto& schedule = simulation.schedule;
    std::vector<TransferJob> jobs(20);
    for (std::size_t i = 0; i < jobs.size(); ++i) {
      const int first = static_cast<int>(random.below(5)) - 1;
      const int other = static_cast<int>(random.below(5)) - 1;
      jobs[i] = {.from = memory.data(),
                 .to = memory.data(),
                 .bytes = 0,
                 .path = path(first, other == first ? -1 : other, 1e8, 1e-3 * random.uniform()),
                 .start_ns = random.below(2) == 0 ? 0 : second + static_cast<std::int64_t>(random.below(20'000'000)),
                 .after = i > 0 && random.below(3) == 0 ? static_cast<int>(random.below(i)) : -1,
                 .held = random.below(4) == 0};
      schedule.submit(jobs[i], simulation.now);
    }
    simulation.run(second + 5'000'000);
    for (std::size_t i = 0; i < jobs.size(); ++i) {
      if (random.below(6) == 0) schedule.cancel(static_cast<int>(i), simulation.now);
    }
    for (std::size_t i = 0; i < jobs.size(); ++i) schedule.release(static_cast<int>(i), simulation.now);
    simulation.run();
    EXPECT_EQ(schedule.ended().size(), jobs.size());
    for (std::size_t i = 0; i < jobs.size(); ++i) {
      const TransferReport report = schedule.report(static_cast<int>(i));
      EXPECT_NE(schedule.state(static_cast<int>(i)), TransferSchedule::pending);
      if (!report.arrived) continue;
      EXPECT_GE(report.ended_ns, std::max(jobs[i].start_ns, report.submitted_ns));
      EXPECT_GE(report.late_seconds, -1e-9);
      if (jobs[i].after >= 0) {
        EXPECT_GE(report.ended_ns, schedule.report(jobs[i].after).ended_ns);
      }
      for (std::size_t k = 0; k < i; ++k) {
        const TransferReport earlier = schedule.report(static_cast<int>(k));
        const bool meet = std::ranges::any_of(jobs[i].path.ports, [&](int port) {
          return port >= 0 && std::ranges::find(jobs[k].path.ports, port) != jobs[k].path.ports.end();
        });
        if (meet && earlier.arrived) {
          EXPECT_GE(report.started_ns, earlier.ended_ns);
        }
      }
    }
  }
}

TEST(TransferSchedule, RefusesWhatCannotBe) {
  TransferSchedule schedule(2);
  TransferJob job;
  job.after = 0;
  EXPECT_THROW(schedule.submit(job, 0), Error);
  job = {};
  job.path = path(2, -1, 1);
  EXPECT_THROW(schedule.submit(job, 0), Error);
  EXPECT_EQ(schedule.jobs(), 0);
}

}  // namespace
}  // namespace plimsoll::executor
