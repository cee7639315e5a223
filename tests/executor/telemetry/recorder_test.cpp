#include "executor/telemetry/recorder.hpp"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <thread>
#include <vector>

#include "executor/threads/team.hpp"

namespace plimsoll::executor {
namespace {

TEST(Recorder, KeepsWhatIsRecorded) {
  Recorder recorder(8);
  Lane* lane = recorder.add_lane(2, 1, "thread 1");
  const std::int64_t before = now_ns();
  {
    Span span(lane, "gate", "compute", {3, 4, 5, 6});
    EXPECT_GE(span.begin_ns(), before);
    span.set_tokens(7);
  }
  record_leaving(lane, "weights", 11, before);
  record_arrival(lane, "weights", 12, before + 1);
  record_count(lane, "bytes", before, 0.5);
  record_span(lane, {"down", "compute", 1, 2, {}});

  const auto spans = lane->spans.all();
  ASSERT_EQ(spans.size(), 2U);
  EXPECT_STREQ(spans[0].name, "gate");
  EXPECT_STREQ(spans[0].category, "compute");
  EXPECT_LE(spans[0].begin_ns, spans[0].end_ns);
  EXPECT_LE(spans[0].end_ns, now_ns());
  EXPECT_EQ(spans[0].arguments.layer, 3);
  EXPECT_EQ(spans[0].arguments.microstep, 4);
  EXPECT_EQ(spans[0].arguments.expert, 5);
  EXPECT_EQ(spans[0].arguments.tokens, 7);
  EXPECT_EQ(spans[1].end_ns, 2);
  ASSERT_EQ(lane->flows.all().size(), 2U);
  EXPECT_TRUE(lane->flows.all()[0].leaves);
  EXPECT_FALSE(lane->flows.all()[1].leaves);
  EXPECT_EQ(lane->flows.all()[1].id, 12U);
  ASSERT_EQ(lane->counts.all().size(), 1U);
  EXPECT_EQ(lane->counts.all()[0].value, 0.5);
  EXPECT_EQ(recorder.lost(), 0U);

  recorder.clear();
  EXPECT_TRUE(lane->spans.all().empty());
  EXPECT_EQ(recorder.lanes(), std::vector<const Lane*>{lane});
}

TEST(Recorder, CountsWhatDoesNotFitAndKeepsTheFirst) {
  Recorder recorder(3);
  Lane* lane = recorder.add_lane(0, 0, "");
  const SpanRecord* place = lane->spans.all().data();
  for (int time = 0; time < 10; ++time) record_span(lane, {"a", "b", time, time, {}});
  for (int time = 0; time < 4; ++time) record_count(lane, "c", time, 1);
  EXPECT_EQ(lane->spans.all().data(), place);
  ASSERT_EQ(lane->spans.all().size(), 3U);
  EXPECT_EQ(lane->spans.all()[2].begin_ns, 2);
  EXPECT_EQ(recorder.lost(), 8U);
  recorder.clear();
  EXPECT_EQ(recorder.lost(), 0U);
}

TEST(Recorder, OffIsANullLane) {
  Lane* const off = nullptr;
  Span span(off, "a", "b");
  span.set_tokens(1);
  record_span(off, {});
  record_leaving(off, "a", 1, 1);
  record_arrival(off, "a", 1, 1);
  record_count(off, "a", 1, 1);
}

TEST(Recorder, ThreadsWriteWhileOthersRead) {
  constexpr int threads = 4;
  Recorder recorder(1'000);
  std::array<Lane*, threads> lanes{};
  for (int thread = 0; thread < threads; ++thread) {
    lanes[static_cast<std::size_t>(thread)] = recorder.add_lane(0, thread, "t");
  }
  std::atomic<bool> stop = false;
  std::thread reader([&] {
    while (!stop) {
      for (const Lane* lane : recorder.lanes()) {
        for (const SpanRecord& span : lane->spans.all()) EXPECT_LE(span.begin_ns, span.end_ns);
      }
      EXPECT_EQ(recorder.lost(), 0U);
      std::this_thread::yield();
    }
  });
  const std::vector<int> anywhere(threads, -1);
  Team team(anywhere);
  for (int round = 0; round < 10; ++round) {
    team.run(100, [&](int chunk, int thread) {
      Lane* const lane = lanes[static_cast<std::size_t>(thread)];
      const Span span(lane, "chunk", "test", {-1, -1, chunk, -1});
      record_count(lane, "chunks", now_ns(), chunk);
    });
  }
  stop = true;
  reader.join();
  std::size_t sum = 0;
  for (const Lane* lane : recorder.lanes()) sum += lane->spans.all().size();
  EXPECT_EQ(sum, 1'000U);
}

TEST(Recorder, NamesDevices) {
  Recorder recorder(1);
  recorder.name_device(-1, "host");
  EXPECT_EQ(recorder.device_name(-1), "host");
  EXPECT_EQ(recorder.device_name(3), "device 3");
}

}  // namespace
}  // namespace plimsoll::executor
