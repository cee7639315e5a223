#include "executor/telemetry/trace.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "support/json.hpp"

namespace plimsoll::executor {
namespace {

using support::Json;

std::string text(const Json& event, const char* key) {
  const Json* found = event.find(key);
  return found != nullptr && found->string() != nullptr ? *found->string() : "";
}

double number(const Json& event, const char* key) {
  const Json* found = event.find(key);
  if (found == nullptr) return -1;
  if (const auto* whole = std::get_if<std::int64_t>(&found->value())) return static_cast<double>(*whole);
  if (const auto* real = std::get_if<double>(&found->value())) return *real;
  return -1;
}

std::vector<Json> events_of(const Json& trace, const std::string& kind) {
  std::vector<Json> found;
  for (const Json& event : *trace.find("traceEvents")->array()) {
    if (text(event, "ph") == kind) found.push_back(event);
  }
  return found;
}

// Two devices and the host: nested spans out of order of their beginnings (the inner one ends, and is recorded, first),
// one transfer that is used, one arrow without an end.
Recorder& sample() {
  static Recorder recorder(16);
  static const bool filled = [] {
    recorder.name_device(-1, "host \"memory\"");
    Lane* host = recorder.add_lane(-1, 0, "copies");
    Lane* first = recorder.add_lane(0, 0, "thread 0");
    Lane* second = recorder.add_lane(1, 0, "thread 0");
    const std::int64_t start = 5'000'000'000'000;
    record_span(first, {"expert", "compute", start + 1'000, start + 2'500, {0, 1, 7, 32}});
    record_span(first, {"expert", "compute", start + 2'500, start + 4'000, {0, 1, 8, 16}});
    record_span(first, {"layer", "step", start + 1'000, start + 4'001, {0, 1, -1, -1}});
    record_span(host, {"weights", "transfer", start, start + 2'000, {}});
    record_leaving(host, "replica", 3, start + 1'999);
    record_span(second, {"expert", "compute", start + 2'222, start + 3'333, {}});
    record_arrival(second, "replica", 3, start + 2'222);
    record_leaving(host, "replica", 4, start + 100);
    record_count(second, "flops", start + 3'333, 1.5e9);
    return true;
  }();
  EXPECT_TRUE(filled);
  return recorder;
}

TEST(Trace, OpensAsJsonWithNames) {
  const Json trace = support::parse(trace_json(sample()));
  std::map<double, std::string> processes;
  std::map<std::pair<double, double>, std::string> threads;
  for (const Json& event : events_of(trace, "M")) {
    const std::string name = text(*event.find("args"), "name");
    if (text(event, "name") == "process_name") processes[number(event, "pid")] = name;
    if (text(event, "name") == "thread_name") threads[{number(event, "pid"), number(event, "tid")}] = name;
  }
  EXPECT_EQ(processes, (std::map<double, std::string>{{1, "host \"memory\""}, {2, "device 0"}, {3, "device 1"}}));
  ASSERT_EQ(threads.size(), 3U);
  std::set<double> numbers;
  for (const auto& [place, name] : threads) {
    EXPECT_TRUE(processes.contains(place.first));
    EXPECT_TRUE(numbers.insert(place.second).second) << "a thread's number twice";
    EXPECT_FALSE(processes.contains(place.second)) << "a thread with the number of a process";
    EXPECT_EQ(name, place.first == 1 ? "copies" : "thread 0");
  }
  // Every event belongs to a thread that has a name.
  for (const char* kind : {"X", "s", "f", "C"}) {
    for (const Json& event : events_of(trace, kind)) {
      EXPECT_TRUE(threads.contains({number(event, "pid"), number(event, "tid")}));
    }
  }
}

TEST(Trace, SpansNestAndTimesGoUp) {
  const Json trace = support::parse(trace_json(sample()));
  double last = 0;
  for (const Json& event : *trace.find("traceEvents")->array()) {
    if (text(event, "ph") == "M") continue;
    EXPECT_GE(number(event, "ts"), last);
    last = number(event, "ts");
  }
  const auto spans = events_of(trace, "X");
  ASSERT_EQ(spans.size(), 5U);
  std::map<double, std::vector<double>> open;  // ends of the spans around, by thread
  for (const Json& span : spans) {
    auto& around = open[number(span, "tid")];
    const double begin = number(span, "ts");
    const double end = begin + number(span, "dur");
    while (!around.empty() && around.back() <= begin + 1e-9) around.pop_back();
    if (!around.empty()) {
      EXPECT_LE(end, around.back() + 1e-9);
    }
    around.push_back(end);
  }
  EXPECT_EQ(number(spans[0], "ts"), 0);
  EXPECT_EQ(number(spans[0], "dur"), 2);
  EXPECT_EQ(text(spans[1], "name"), "layer");
  EXPECT_EQ(number(spans[1], "dur"), 3.001);
  EXPECT_EQ(number(*spans[2].find("args"), "tokens"), 32);
  EXPECT_EQ(spans[1].find("args")->find("tokens"), nullptr);
}

TEST(Trace, FlowsAreMatchedAndLieInSpans) {
  const Json trace = support::parse(trace_json(sample()));
  const auto leaving = events_of(trace, "s");
  const auto arriving = events_of(trace, "f");
  ASSERT_EQ(leaving.size(), 1U);
  ASSERT_EQ(arriving.size(), 1U);
  EXPECT_EQ(number(leaving[0], "id"), number(arriving[0], "id"));
  EXPECT_EQ(text(leaving[0], "name"), text(arriving[0], "name"));
  EXPECT_EQ(text(leaving[0], "cat"), text(arriving[0], "cat"));
  EXPECT_EQ(text(arriving[0], "bp"), "e");
  EXPECT_LT(number(leaving[0], "ts"), number(arriving[0], "ts"));
  for (const Json& end : {leaving[0], arriving[0]}) {
    int around = 0;
    for (const Json& span : events_of(trace, "X")) {
      const double begin = number(span, "ts");
      const bool within = begin <= number(end, "ts") && number(end, "ts") < begin + number(span, "dur");
      around += within && number(span, "tid") == number(end, "tid") ? 1 : 0;
    }
    EXPECT_EQ(around, 1);
  }
  EXPECT_EQ(number(*trace.find("otherData"), "open_flows"), 1);
}

TEST(Trace, CountersHaveAValue) {
  const auto counters = events_of(support::parse(trace_json(sample())), "C");
  ASSERT_EQ(counters.size(), 1U);
  EXPECT_EQ(text(counters[0], "name"), "flops");
  EXPECT_EQ(number(*counters[0].find("args"), "value"), 1.5e9);
}

TEST(Trace, SaysWhatIsMissing) {
  Recorder recorder(1);
  EXPECT_TRUE(events_of(support::parse(trace_json(recorder)), "X").empty());
  Lane* lane = recorder.add_lane(0, 0, "only");
  for (int time = 0; time < 5; ++time) record_span(lane, {"a", "b", time, time + 1, {}});
  const Json trace = support::parse(trace_json(recorder));
  EXPECT_EQ(events_of(trace, "X").size(), 1U);
  EXPECT_EQ(number(*trace.find("otherData"), "lost_records"), 4);
}

}  // namespace
}  // namespace plimsoll::executor
