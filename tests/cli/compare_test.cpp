// The verb `compare` from outside: what it writes, how it ends, how it goes on, and what it refuses.
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <tuple>
#include <vector>

#include "planner/compare/journal.hpp"
#include "planner/compare/report.hpp"
#include "support/csv.hpp"
#include "tests/cli/files.hpp"
#include "tests/cli/process.hpp"
#include "tests/cli/terminal.hpp"
#include "tests/markup.hpp"

namespace plimsoll::test {
namespace {

std::string named(const std::string& name, const std::string& dispatch = "weighted", int first = 600) {
  return R"({"plimsoll": 1, "problem": "experts", "name": ")" + name +
         R"(", "model": {"layers": 1, "experts": 8}, "cluster": {"nodes": 1, "devices_per_node": 4, "slots": 3},
 "dispatch": ")" +
         dispatch + R"(", "load": [[)" + std::to_string(first) + ", 560, 120, 110, 90, 40, 30, 10]]}";
}

// Two instances; `wrap` refuses the second.
struct Setting {
  Folder folder;
  std::string a = folder.file("a.json", named("weighted one"));
  std::string b = folder.file("b.json", named("even one", "even"));
  std::string journal = folder.file("journal.jsonl");

  [[nodiscard]] std::vector<std::string> words(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> list{"compare", a, b, "--methods", "eplb,wrap,local", "--work-limit", "20000"};
    list.insert(list.end(), more.begin(), more.end());
    return list;
  }
};

// Runs without what differs from one measurement to the next.
std::vector<std::string> stable_columns(const std::string& csv) {
  support::CsvReader reader(csv);
  std::vector<std::string> head;
  EXPECT_TRUE(reader.next(head));
  std::vector<std::string> rows;
  std::vector<std::string> fields;
  while (reader.next(fields)) {
    std::string row;
    for (std::size_t k = 0; k < fields.size(); ++k) {
      const bool varies = head[k].find("seconds") != std::string::npos || head[k] == "finished" || head[k] == "jobs";
      if (!varies) row += fields[k] + "|";
    }
    rows.push_back(row);
  }
  return rows;
}

std::size_t lines_in(const std::string& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

TEST(CliCompare, WritesEveryKindOfReport) {
  const Setting setting;
  const Finished finished =
      run(setting.words({"--csv", setting.folder.file("r.csv"), "--json", setting.folder.file("r.json"), "--markdown",
                         setting.folder.file("r.md"), "--html", setting.folder.file("r.html"), "--title", "<T>"}));
  EXPECT_EQ(finished.exit_code, 0) << finished.err;
  EXPECT_NE(finished.out.find("wrap refused: method wrap splits experts unevenly"), std::string::npos) << finished.out;
  EXPECT_NE(finished.out.find("All 2 instances"), std::string::npos);
  EXPECT_EQ(finished.err, "");
  EXPECT_EQ(lines_in(contents(setting.folder.file("r.csv"))), 7U);
  EXPECT_EQ(markup_fault(contents(setting.folder.file("r.html"))), "");
  EXPECT_EQ(contents(setting.folder.file("r.md")).rfind("# &lt;T>", 0), 0U);
  const std::string json = contents(setting.folder.file("r.json"));
  const compare::Report report = compare::make_report(compare::read_comparison(json));
  EXPECT_EQ(compare::to_json(report), json);
  EXPECT_EQ(report.comparison.runs[0].verified, true);
  EXPECT_FALSE(report.comparison.runs[2].trace.empty());
  EXPECT_EQ(report.comparison.runs[4].status, compare::RunStatus::refused);
  EXPECT_EQ(setting.folder.entries(), 6U);
}

TEST(CliCompare, TheSameRunsInTheSameOrderForAnyNumberOfJobs) {
  const Setting setting;
  const Finished one = run(setting.words({"--csv", "-", "--seeds", "2"}));
  const Finished three = run(setting.words({"--csv", "-", "--seeds", "2", "--jobs", "3"}));
  ASSERT_EQ(one.exit_code, 0) << one.err;
  ASSERT_EQ(three.exit_code, 0) << three.err;
  EXPECT_EQ(stable_columns(one.out).size(), 12U);
  EXPECT_EQ(stable_columns(one.out), stable_columns(three.out));
}

TEST(CliCompare, ResumesWhereItWas) {
  const Setting setting;
  const auto words = setting.words({"--csv", "-", "--resume", setting.journal});
  const Finished whole = run(words);
  ASSERT_EQ(whole.exit_code, 0) << whole.err;
  const std::string journal = contents(setting.journal);
  ASSERT_EQ(lines_in(journal), 6U);
  // Nothing is run again, and nothing changes.
  EXPECT_EQ(run(words).out, whole.out);
  EXPECT_EQ(contents(setting.journal), journal);
  // As after a crash in the middle of a line: what stands there is taken over, times and all.
  std::size_t third = 0;
  for (int k = 0; k < 3; ++k) third = journal.find('\n', third) + 1;
  std::ignore = setting.folder.file("journal.jsonl", journal.substr(0, third + 70));
  const Finished resumed = run(words);
  EXPECT_EQ(resumed.exit_code, 0) << resumed.err;
  EXPECT_EQ(stable_columns(resumed.out), stable_columns(whole.out));
  const std::string completed = contents(setting.journal);
  EXPECT_EQ(completed.substr(0, third), journal.substr(0, third));
  EXPECT_EQ(lines_in(completed), 6U);
  std::size_t rows = 0;
  for (int k = 0; k < 4; ++k) rows = whole.out.find('\n', rows) + 1;
  EXPECT_EQ(resumed.out.substr(0, rows), whole.out.substr(0, rows));
  EXPECT_EQ(run(words).out, resumed.out);
  // Another limit is another run.
  auto other = words;
  other[6] = "20001";
  EXPECT_EQ(run(other).exit_code, 0);
  EXPECT_EQ(lines_in(contents(setting.journal)), 12U);
}

TEST(CliCompare, AFolderHoldsItsJournal) {
  const Setting setting;
  EXPECT_EQ(run(setting.words({"--resume", setting.folder.path()})).exit_code, 0);
  EXPECT_EQ(lines_in(contents(setting.journal)), 6U);
}

// Three of the four runs end, the fourth has no end: the signal comes while it is under way.
void expect_interrupted(int signal) {
  const Setting setting;
  const Finished generated = run({"generate", "experts", "--seed", "5", "--dispatch", "even", "--experts", "128",
                                  "--devices-per-node", "16", "--slots", "9"});
  const std::string slow = setting.folder.file("slow.json", generated.out);
  const Request request{.arguments = {"compare", setting.a, slow, "--methods", "eplb,local", "--work-limit", "1e14",
                                      "--kill-after", "120", "--resume", setting.journal}};
  Pipe out;
  Pipe err;
  const pid_t child = start(request, STDIN_FILENO, out.writing.number(), err.writing.number());
  ASSERT_GT(child, 0);
  out.writing.close();
  err.writing.close();
  // A guard against a program that hangs, far above what this takes.
  for (int k = 0;
       k < 12000 && (::access(setting.journal.c_str(), F_OK) != 0 || lines_in(contents(setting.journal)) < 3); ++k) {
    ::usleep(5000);
  }
  ::usleep(50000);
  ::kill(child, signal);
  Finished finished;
  while (err.reading.open()) read_some(err.reading, finished.err);
  wait_for(child, finished);
  EXPECT_EQ(finished.signal, SIGINT);
  EXPECT_NE(finished.err.find("interrupted; what has ended is kept. To go on: plimsoll compare"), std::string::npos)
      << finished.err;
  const std::string journal = contents(setting.journal);
  EXPECT_EQ(lines_in(journal), 3U);
  EXPECT_EQ(compare::read_journal(journal).runs.size(), 3U);
}

TEST(CliCompare, AnInterruptKeepsWhatHasEnded) { expect_interrupted(SIGINT); }
TEST(CliCompare, TerminateKeepsWhatHasEnded) { expect_interrupted(SIGTERM); }

TEST(CliCompare, ABoundAboveAPlanEndsWithOne) {
  const Setting setting;
  const auto words = setting.words({"--resume", setting.journal});
  ASSERT_EQ(run(words).exit_code, 0);
  // A journal in which eplb claims more than anybody can.
  std::string journal = contents(setting.journal);
  const std::size_t place = journal.find("\"bound\": ", journal.find("eplb")) + 9;
  journal.replace(place, journal.find(',', place) - place, "99999");
  std::ignore = setting.folder.file("journal.jsonl", journal);
  const Finished finished = run(words);
  EXPECT_EQ(finished.exit_code, 1);
  EXPECT_NE(finished.out.find("1 FAULT"), std::string::npos) << finished.out;
  EXPECT_NE(finished.err.find("eplb on weighted one: its bound 99999"), std::string::npos) << finished.err;
}

TEST(CliCompare, AReferenceThatIsContradictedEndsWithOne) {
  const Setting setting;
  const std::string known = setting.folder.file("known.solu", "=opt= a 1e6\n=unkn= b\n");
  const Finished finished = run(setting.words({"--best", known}));
  EXPECT_EQ(finished.exit_code, 1);
  EXPECT_NE(finished.out.find("which the reference calls optimal"), std::string::npos) << finished.out;
  const std::string fitting = setting.folder.file("known.csv", "Path,Best known solution value\nx/a,1e6\n");
  const Finished better = run(setting.words({"--best", fitting, "--csv", "-"}));
  EXPECT_EQ(better.exit_code, 0) << better.err;
  EXPECT_NE(better.out.find(",1000000,"), std::string::npos) << better.out;
}

TEST(CliCompare, AProcessThatTakesTooLongIsKilledAndEndsWithOne) {
  const Setting setting;
  const Finished generated = run({"generate", "experts", "--seed", "5", "--dispatch", "even", "--experts", "256",
                                  "--devices-per-node", "32", "--slots", "9"});
  const std::string slow = setting.folder.file("slow.json", generated.out);
  const Finished finished = run({"compare", slow, "--methods", "local", "--work-limit", "1e15", "--kill-after", "0.3"});
  EXPECT_EQ(finished.exit_code, 1);
  EXPECT_NE(finished.out.find("failed: killed after 0.3 s"), std::string::npos) << finished.out;
}

TEST(CliCompare, StandardInputIsAnInstanceToo) {
  const Finished finished =
      run({"compare", "-", "--methods", "eplb,lpt", "--work-limit", "1000", "--csv", "-"}, named(""));
  EXPECT_EQ(finished.exit_code, 0) << finished.err;
  EXPECT_EQ(finished.out.find("standard input,experts,-,"), finished.out.find('\n') + 1) << finished.out;
  EXPECT_NE(finished.out.find(",yes,"), std::string::npos);
}

TEST(CliCompare, AFileWhoseNameIsNoTextAndBeginsWithADash) {
  const Folder folder;
  std::ignore = folder.file("-\xff.json", named(""));
  const Finished finished = run(Request{.arguments = {"compare", "--methods", "lpt", "--work-limit", "1000", "--json",
                                                      "-", "--title", "\xff", "--", "-\xff.json"},
                                        .folder = folder.path()});
  EXPECT_EQ(finished.exit_code, 0) << finished.err;
  const compare::Comparison comparison = compare::read_comparison(finished.out);
  EXPECT_EQ(comparison.instances[0].path, "-\xef\xbf\xbd.json");
  EXPECT_TRUE(comparison.runs[0].verified);
}

TEST(CliCompare, AllMethodsWhereNoneAreNamed) {
  const Setting setting;
  const Finished finished = run({"compare", setting.a, "--work-limit", "1000", "--csv", "-"});
  EXPECT_EQ(finished.exit_code, 0) << finished.err << finished.out;
  for (const char* method : {",auto,", ",local,", ",branch,", ",shares,", ",wrap,", ",lpt,", ",eplb,"}) {
    EXPECT_NE(finished.out.find(method), std::string::npos) << method;
  }
}

TEST(CliCompare, InstancesOfOneNameAreToldApart) {
  const Folder folder;
  const std::string a = folder.file("a.json", named("same"));
  const std::string b = folder.file("b.json", named("same", "weighted", 601));
  const Finished finished = run({"compare", a, b, "--methods", "lpt", "--work-limit", "1000"});
  EXPECT_EQ(finished.exit_code, 0) << finished.err;
  EXPECT_NE(finished.out.find("same (" + a + ")"), std::string::npos) << finished.out;
}

TEST(CliCompare, ShowsProgressOnATerminal) {
  const Setting setting;
  const Finished finished = run_on_terminal(
      Request{.arguments = setting.words({"--csv", setting.folder.file("r.csv")}), .environment = {"TERM=xterm"}});
  if (finished.out.empty()) GTEST_SKIP() << "no pseudo-terminals here";
  EXPECT_NE(finished.out.find("of 6 runs"), std::string::npos) << finished.out;
}

TEST(CliCompareRefuses, BadWords) {
  const Setting setting;
  const std::string a = setting.a;
  expect_one_line(run({"compare", a, "--methods", "lpt,locl"}),
                  {"\"locl\" is no method of experts", "known: auto", "Maybe 'local' was meant"});
  expect_one_line(run({"compare", a, "--methods", ""}), {"--methods", "\"\""});
  expect_one_line(run({"compare", a, "--methods", "lpt,,wrap"}), {"--methods", "\"lpt,,wrap\""});
  expect_one_line(run({"compare", a, "--methods", "lpt,lpt"}), {"\"lpt\" stands there twice"});
  expect_one_line(run({"compare", a, "--seeds", "0"}), {"--seeds", "from 1 to"});
  expect_one_line(run({"compare", a, "--jobs", "0"}), {"--jobs"});
  expect_one_line(run({"compare", a, "--time-limit", "0"}), {"--time-limit"});
  expect_one_line(run({"compare", a, "--gap", "2"}), {"--gap"});
  expect_one_line(run({"compare", a, "--kill-after", "-1"}), {"--kill-after"});
  expect_one_line(run({"compare", a, "--format", "xml"}), {"--format", "\"xml\""});
  expect_one_line(run({"compare"}), {"INSTANCE"});
}

TEST(CliCompareRefuses, Instances) {
  const Setting setting;
  expect_one_line(run({"compare", setting.a, setting.a}), {"given twice"});
  const std::string copy = setting.folder.file("copy.json", named("weighted one"));
  expect_one_line(run({"compare", setting.a, copy}), {"are the same instance"});
  expect_one_line(run({"compare", setting.folder.file("none.json")}), {"none.json"});
  expect_one_line(run({"compare", "-", "-"}), {"given twice"});
  expect_one_line(run({"compare", "-", "--best", "-"}), {"only one of INSTANCE and --best"});
  const std::string broken = setting.folder.file("broken.json", "{\"plimsoll\": 1}");
  expect_one_line(run({"compare", setting.a, broken}), {"broken.json", "/problem"});
}

TEST(CliCompareRefuses, OutputsBeforeAnythingRuns) {
  const Setting setting;
  // Runs that would take for ever if they were begun.
  const auto words = [&](const std::vector<std::string>& more) {
    std::vector<std::string> list{"compare", setting.a, "--methods", "local", "--time-limit", "1e6"};
    list.insert(list.end(), more.begin(), more.end());
    return list;
  };
  expect_one_line(run(words({"--csv", setting.folder.path()})), {"no file name"});
  expect_one_line(run(words({"--html", setting.folder.file("no/where.html")})), {"there is no folder"});
  expect_one_line(run(words({"--json", setting.a})), {"it would be overwritten"});
  expect_one_line(run(words({"--json", "-", "--csv", "-"})), {"both write to standard output"});
  expect_one_line(run(words({"--json", setting.folder.file("x"), "--csv", setting.folder.path() + "/./x"})),
                  {"--csv and --json both write to"});
  expect_one_line(run(words({"--csv", setting.journal, "--resume", setting.journal})), {"the file of --resume"});
  expect_one_line(run(words({"--resume", "-"})), {"--resume"});
  expect_one_line(run(words({"--resume", setting.folder.file("no/where")})), {"there is no folder"});
  const std::string known = setting.folder.file("k.csv", "path,best\nq,1\n");
  expect_one_line(run(words({"--best", known, "--csv", known})), {"the file of --best"});
}

TEST(CliCompareRefuses, OtherFiles) {
  const Setting setting;
  const auto words = [&](const std::string& option, const std::string& file) {
    return std::vector<std::string>{"compare", setting.a, "--methods", "lpt", option, file};
  };
  expect_one_line(run(words("--best", setting.folder.file("none.csv"))), {"none.csv"});
  expect_one_line(run(words("--best", setting.b)), {"b.json", "line 1"});
  expect_one_line(run(words("--best", setting.folder.file("x.solu", "=opt= a b\n"))), {"x.solu", "line 1"});
  const std::string text = contents(setting.b);
  expect_one_line(run(words("--resume", setting.folder.file("other", text))), {"no journal of plimsoll compare"});
  EXPECT_EQ(contents(setting.folder.file("other")), text);  // and it is left as it was
}

TEST(CliTrace, OneLineForEachBetterPlanOrBound) {
  const Folder folder;
  const std::string trace = folder.file("t.jsonl");
  const Finished finished =
      run({"solve", "-", "--method", "local", "--work-limit", "20000", "--trace", trace}, small_instance());
  ASSERT_EQ(finished.exit_code, 0) << finished.err;
  const auto read = compare::read_trace(contents(trace));
  ASSERT_EQ(read.points.size(), lines_in(contents(trace)));
  const support::Json plan = support::parse(finished.out);
  const support::Reader objective(*plan.find("certificate")->find("objective"));
  EXPECT_EQ(read.points.back().objective, objective.number(0, 1e9));
  for (std::size_t k = 1; k < read.points.size(); ++k) {
    EXPECT_GE(read.points[k].seconds, read.points[k - 1].seconds);
    EXPECT_GE(read.points[k].work, read.points[k - 1].work);
    EXPECT_GE(read.points[k].bound, read.points[k - 1].bound);
  }
}

TEST(CliTrace, ARefusalIsTheLastLine) {
  const Folder folder;
  const std::string trace = folder.file("t.jsonl");
  EXPECT_EQ(run({"solve", "-", "--method", "shares", "--trace", trace}, small_instance()).exit_code, 2);
  const auto read = compare::read_trace(contents(trace));
  ASSERT_TRUE(read.refusal);
  EXPECT_NE(read.refusal->find("keeps a placement"), std::string::npos);
}

TEST(CliTrace, StandardOutputHasRoomForOne) {
  expect_one_line(run({"solve", "-", "--trace", "-"}, small_instance()), {"only one of the plan and --trace"});
  const Finished finished = run({"solve", "-", "--trace", "-", "-o", "/dev/null", "--quiet"}, small_instance());
  EXPECT_EQ(finished.exit_code, 0) << finished.err;
  EXPECT_EQ(compare::read_trace(finished.out).points.size(), lines_in(finished.out));
  EXPECT_GE(lines_in(finished.out), 1U);
}

}  // namespace
}  // namespace plimsoll::test
