// How a solve ends when somebody interrupts it or stops listening, and what a person at a terminal sees.
#include <gtest/gtest.h>

#include <string>

#include "support/json.hpp"
#include "tests/cli/files.hpp"
#include "tests/cli/process.hpp"
#include "tests/cli/terminal.hpp"

namespace plimsoll::test {
namespace {

// An instance, and a limit that it does not reach while the test runs: even dispatch leaves a gap that stays open.
std::string long_instance() {
  const Finished finished = run({"generate", "experts", "--seed", "5", "--dispatch", "even", "--experts", "256",
                                 "--devices-per-node", "32", "--slots", "9"});
  EXPECT_EQ(finished.exit_code, 0) << finished.err;
  return finished.out;
}

void expect_interrupted(int signal) {
  const Folder folder;
  const std::string instance = folder.file("instance.json", long_instance());
  const Finished finished =
      run(Request{.arguments = {"solve", instance, "--log", "--work-limit", "1e15"}, .signal_at_first_note = signal});
  ASSERT_EQ(finished.exit_code, 0) << finished.err << " signal " << finished.signal;
  const support::Json plan = support::parse(finished.out);
  const support::Json* stopped_by = plan.find("certificate")->find("stopped_by");
  ASSERT_NE(stopped_by->string(), nullptr);
  EXPECT_EQ(*stopped_by->string(), "interrupt");
  EXPECT_EQ(run({"check", instance, "-"}, finished.out).exit_code, 0);
}

TEST(CliEnding, InterruptGivesTheBestPlanSoFar) { expect_interrupted(SIGINT); }
TEST(CliEnding, TerminateGivesTheBestPlanSoFar) { expect_interrupted(SIGTERM); }

TEST(CliEnding, NoWorkLeftForAPlan) {
  const Finished finished = run({"solve", "-", "--time-limit", "1e-300"}, small_instance());
  // A first plan may come for free; if none does, the code says so.
  EXPECT_TRUE(finished.exit_code == 0 || finished.exit_code == 4) << finished.exit_code << finished.err;
}

TEST(CliEnding, StandardOutputIsClosed) {
  const Folder folder;
  const std::string instance = folder.file("instance.json", small_instance());
  const Finished closed = run(Request{.arguments = {"solve", instance}, .output = Output::closed});
  EXPECT_EQ(closed.exit_code, 2);
  EXPECT_NE(closed.err.find("standard output"), std::string::npos) << closed.err;
  const Finished to_file =
      run(Request{.arguments = {"solve", instance, "-o", folder.file("plan.json")}, .output = Output::closed});
  EXPECT_EQ(to_file.exit_code, 0) << to_file.err;
  EXPECT_EQ(folder.entries(), 2U);
}

TEST(CliEnding, TheReaderWentAway) {
  const Finished finished =
      run(Request{.arguments = {"solve", "-", "--quiet"}, .input = small_instance(), .output = Output::reader_gone});
  EXPECT_NE(finished.exit_code, 0);
  EXPECT_EQ(finished.err, "");
}

TEST(CliTerminal, ThePlanIsNotPouredOntoTheScreen) {
  const Folder folder;
  const std::string instance = folder.file("instance.json", small_instance());
  const Finished finished =
      run_on_terminal(Request{.arguments = {"solve", instance}, .environment = {"LC_ALL=C.UTF-8", "TERM=xterm"}});
  if (finished.out.empty()) GTEST_SKIP() << "no pseudo-terminals here";
  EXPECT_EQ(finished.exit_code, 0) << finished.out;
  EXPECT_EQ(finished.out.find("\"slots\""), std::string::npos) << finished.out;
  EXPECT_NE(finished.out.find("-o plan.json"), std::string::npos) << finished.out;
  EXPECT_NE(finished.out.find("█"), std::string::npos) << finished.out;
}

TEST(CliTerminal, PlainCharactersWhereTheLocaleAsksForThem) {
  const Folder folder;
  const std::string instance = folder.file("instance.json", small_instance());
  const Finished finished = run_on_terminal(Request{.arguments = {"solve", instance, "-o", folder.file("plan.json")},
                                                    .environment = {"LC_ALL=C", "TERM=xterm"}});
  if (finished.out.empty()) GTEST_SKIP() << "no pseudo-terminals here";
  EXPECT_EQ(finished.out.find("█"), std::string::npos) << finished.out;
  EXPECT_NE(finished.out.find("##"), std::string::npos) << finished.out;
  EXPECT_NE(finished.out.find("plan.json"), std::string::npos) << finished.out;
}

TEST(CliTerminal, DashForcesThePlan) {
  const Folder folder;
  const std::string instance = folder.file("instance.json", small_instance());
  const Finished finished = run_on_terminal(Request{.arguments = {"solve", instance, "-o", "-", "--quiet"}});
  if (finished.out.empty()) GTEST_SKIP() << "no pseudo-terminals here";
  EXPECT_NE(finished.out.find("\"slots\""), std::string::npos) << finished.out;
}

}  // namespace
}  // namespace plimsoll::test
