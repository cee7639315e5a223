#include "planner/compare/journal.hpp"

#include <gtest/gtest.h>

#include "plimsoll/error.hpp"
#include "tests/planner/compare/sample.hpp"

namespace plimsoll::compare {
namespace {

RunKey key(std::uint64_t seed) { return {std::string(64, 'a'), "wave", seed, {1.5, 1000, 2, 0.01, "0.1.0"}}; }

std::string two_lines() {
  compare::Run run = test::planned(RunStatus::feasible, 110, 90, 10);
  run.reason = "a \"reason\"\nof two lines, \xc3\xbc";
  run.violations = {"one", "two"};
  return journal_line(key(1), run) + journal_line(key(2), test::failed("signal 9"));
}

std::string error_of(std::string_view text) {
  try {
    read_journal(text);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::input);
    return error.what();
  }
  return "no error";
}

TEST(Journal, ARunIsOneLineAndComesBackAsItWas) {
  const std::string text = two_lines();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2);
  const Journal journal = read_journal(text);
  ASSERT_EQ(journal.runs.size(), 2U);
  EXPECT_EQ(journal.whole_bytes, text.size());
  EXPECT_EQ(journal_line(key(1), journal.runs.at(key(1).text())) + journal_line(key(2), journal.runs.at(key(2).text())),
            text);
  EXPECT_EQ(journal.runs.at(key(1).text()).trace.size(), 2U);
}

TEST(Journal, EveryPartOfTheKeyMakesAnother) {
  std::vector<RunKey> keys(9, key(1));
  keys[1].instance_sha256 = std::string(64, 'b');
  keys[2].method = "drift";
  keys[3].seed = 2;
  keys[4].limits.time_limit_seconds.reset();
  keys[5].limits.work_limit = 1001;
  keys[6].limits.threads = 1;
  keys[7].limits.gap = 0;
  keys[8].limits.version = "0.2.0";
  std::string text;
  for (const RunKey& one : keys) text += journal_line(one, test::refused("no"));
  EXPECT_EQ(read_journal(text).runs.size(), keys.size());
}

TEST(Journal, OfTwoLinesWithOneKeyTheFirstCounts) {
  const std::string text =
      journal_line(key(1), test::failed("first")) + "\n" + journal_line(key(1), test::failed("second"));
  EXPECT_EQ(read_journal(text).runs.at(key(1).text()).reason, "first");
}

TEST(Journal, ATornLastLineIsLeftOut) {
  const std::string text = two_lines();
  const std::size_t first = text.find('\n') + 1;
  for (std::size_t length = first; length < text.size(); ++length) {
    const Journal journal = read_journal(std::string_view(text).substr(0, length));
    ASSERT_EQ(journal.runs.size(), 1U) << length;
    ASSERT_EQ(journal.whole_bytes, first);
  }
}

TEST(Journal, WhatIsNoJournalIsRefused) {
  EXPECT_TRUE(read_journal("").runs.empty());
  EXPECT_NE(error_of("{\"plimsoll\": 1, \"problem\": \"experts\"}").find("last line"), std::string::npos);
  EXPECT_NE(error_of("a,b\n1,2\n").find("line 1 is no run"), std::string::npos);
  EXPECT_NE(error_of(two_lines() + "{}\n").find("line 3 is no run"), std::string::npos);
  std::string without_objective = two_lines();
  without_objective.replace(without_objective.find("\"objective\": 110"), 16, "\"objective\": null");
  EXPECT_NE(error_of(without_objective).find("an objective"), std::string::npos) << error_of(without_objective);
}

TEST(Trace, PointsAndARefusal) {
  const ReadTrace trace = read_trace(
      "{\"seconds\": 0.5, \"work\": 7, \"objective\": null, \"bound\": 3.5}\n"
      "rubbish\n"
      "{\"seconds\": 0.6, \"work\": 8, \"objective\": 4, \"bound\": 3.5}\n"
      "{\"error\": \"unsupported\", \"message\": \"no, thanks\"}\n"
      "{\"seconds\": 0.7, \"wor");
  ASSERT_EQ(trace.points.size(), 2U);
  EXPECT_EQ(trace.points[1].work, 8U);
  EXPECT_EQ(trace.points[1].objective, 4);
  EXPECT_EQ(trace.refusal, "no, thanks");
  EXPECT_FALSE(trace.error);
  EXPECT_EQ(read_trace("{\"error\": \"input\", \"message\": \"broken\"}\n").error, "broken");
}

}  // namespace
}  // namespace plimsoll::compare
