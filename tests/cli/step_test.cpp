// Instances with micro-steps through the program.
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "tests/cli/files.hpp"
#include "tests/cli/process.hpp"
#include "tests/golden.hpp"

namespace plimsoll::test {
namespace {

std::string step_in(const Folder& folder) {
  std::string path = folder.file("step.json");
  const Finished made = run({"generate",
                             "experts",
                             "--microsteps",
                             "3",
                             "--layers",
                             "2",
                             "--experts",
                             "8",
                             "--nodes",
                             "2",
                             "--devices-per-node",
                             "2",
                             "--slots",
                             "3",
                             "--transient-slots",
                             "1",
                             "--volatility",
                             "10",
                             "--tokens",
                             "4096",
                             "--expert-bytes",
                             "1e6",
                             "--intra",
                             "1e11",
                             "--nic",
                             "1e10",
                             "--host",
                             "1e10",
                             "--token-seconds",
                             "1e-6",
                             "--backward",
                             "1",
                             "--gradient-bytes",
                             "2e6",
                             "--seed",
                             "3",
                             "-o",
                             path});
  EXPECT_EQ(made.exit_code, 0) << made.err;
  return path;
}

TEST(CliStep, EveryMethodSolvesChecksAndExplains) {
  const Folder folder;
  const std::string instance = step_in(folder);
  int solved = 0;
  for (const std::string method :
       {"auto", "foresight", "robust", "eplb-step", "eplb-step-shares", "eplb-oracle", "static"}) {
    SCOPED_TRACE(method);
    const std::string plan = folder.file(method + ".plan");
    const Finished done = run({"solve", instance, "--method", method, "--work-limit", "3e6", "-o", plan});
    ASSERT_EQ(done.exit_code, 0) << done.err;
    EXPECT_NE(done.err.find("transfers"), std::string::npos) << done.err;
    const Finished checked = run({"check", instance, plan});
    EXPECT_EQ(checked.exit_code, 0) << checked.out << checked.err;
    EXPECT_EQ(checked.out.rfind("holds: objective ", 0), 0U) << checked.out;
    EXPECT_NE(run({"explain", instance, plan}).out.find("the step takes"), std::string::npos);
    ++solved;
  }
  EXPECT_EQ(solved, 7);
}

TEST(CliStep, TheSameBytesTwiceAndForAnyNumberOfThreads) {
  const Folder folder;
  const std::string instance = step_in(folder);
  EXPECT_EQ(contents(instance), contents(step_in(folder)));
  std::vector<std::string> plans;
  for (const std::string threads : {"1", "3", "1"}) {
    const Finished done = run({"solve", instance, "--work-limit", "3e6", "--threads", threads, "-o", "-"});
    ASSERT_EQ(done.exit_code, 0) << done.err;
    plans.push_back(done.out.substr(0, done.out.rfind("\"run\"")));
    EXPECT_EQ(plans.back(), plans.front());
  }
}

TEST(CliStep, ShippedOnesAreSolvedAndThePlansHold) {
  const Folder folder;
  const std::string plan = folder.file("plan.json");
  int found = 0;
  for (const auto& entry : std::filesystem::directory_iterator(PLIMSOLL_SOURCE_DIR "/instances/experts/steps")) {
    SCOPED_TRACE(entry.path());
    ++found;
    const std::string instance = entry.path().string();
    ASSERT_EQ(run({"solve", instance, "-o", plan}).exit_code, 0);
    const Finished checked = run({"check", instance, plan});
    EXPECT_EQ(checked.exit_code, 0) << checked.out << checked.err;
  }
  EXPECT_GE(found, 3);
}

TEST(CliStep, AMethodOfTheOtherKindIsRefused) {
  const Folder folder;
  const std::string instance = step_in(folder);
  expect_one_line(run({"solve", instance, "--method", "lpt"}),
                  {"experts with micro-steps has no method 'lpt'", "foresight", "eplb-step"});
  expect_one_line(run({"solve", folder.file("static.json", small_instance()), "--method", "foresight"}),
                  {"experts has no method 'foresight'", "auto, local"});
  expect_one_line(run({"compare", instance, "--methods", "auto,lpt"}),
                  {"\"lpt\" is no method of experts with micro-steps", "foresight"});
}

TEST(CliStep, MethodsAreComparedWithTheirOwn) {
  const Folder folder;
  const std::string instance = step_in(folder);
  const std::string table = folder.file("table.csv");
  const Finished done = run({"compare", instance, "--work-limit", "1e6", "--csv", table});
  EXPECT_EQ(done.exit_code, 0) << done.out << done.err;
  EXPECT_NE(contents(table).find(",eplb-oracle,"), std::string::npos);
  EXPECT_EQ(contents(table).find(",lpt,"), std::string::npos);
  // With an instance of the other kind: those that both have.
  const std::string other = folder.file("static.json", small_instance());
  const Finished both = run({"compare", instance, other, "--work-limit", "1e6", "--csv", table});
  EXPECT_EQ(both.exit_code, 0) << both.out << both.err;
  EXPECT_NE(contents(table).find(",auto,"), std::string::npos);
  EXPECT_EQ(contents(table).find(",local,"), std::string::npos);
}

TEST(CliStep, MethodsListsBothKinds) {
  const Finished listed = run({"methods", "experts"});
  EXPECT_EQ(listed.exit_code, 0);
  EXPECT_NE(listed.out.find("\nexperts with micro-steps:\n"), std::string::npos) << listed.out;
  EXPECT_NE(listed.out.find("  foresight "), std::string::npos);
}

TEST(CliStep, ConvertsWhatTrainersRecord) {
  const Folder folder;
  const std::string out = folder.file("out.json");
  const std::string foreign = testing::golden("foreign").string() + "/";
  const std::vector<std::string> cluster{
      "--nodes", "1", "--devices-per-node", "2", "--slots", "3", "--transient-slots", "1", "-o", out};
  const auto convert = [&](std::vector<std::string> words) {
    words.insert(words.begin(), "convert");
    words.insert(words.end(), cluster.begin(), cluster.end());
    const Finished done = run(words);
    EXPECT_EQ(done.exit_code, 0) << done.err;
    const Finished solved = run({"solve", out, "--work-limit", "1e6", "-o", folder.file("plan.json")});
    EXPECT_EQ(solved.exit_code, 0) << solved.err;
  };
  convert({foreign + "microsteps.npy", "--from", "microsteps-npy"});
  convert({foreign + "microsteps.npz", "--from", "microsteps-npy", "--array", "counts"});
  convert({foreign + "routes.npy", "--from", "token-routes", "--microstep-tokens", "2"});
  convert({foreign + "routing.jsonl", "--from", "routing-jsonl"});
  const std::string empty = folder.file("empty", "");
  for (const std::string format : {"microsteps-npy", "token-routes", "routing-jsonl"}) {
    std::vector<std::string> words{"convert", empty, "--from", format};
    if (format == "token-routes") words.insert(words.end(), {"--microstep-tokens", "2"});
    words.insert(words.end(), cluster.begin(), cluster.end());
    expect_one_line(run(words), {"empty"});
  }
  expect_one_line(run({"convert", foreign + "routes.npy", "--from", "token-routes", "--array", "a", "-o", out}),
                  {"--array needs an archive"});
  expect_one_line(run({"convert", foreign + "loads.csv", "--from", "csv", "--microstep-tokens", "3", "-o", out}),
                  {"--microstep-tokens has no meaning with --from csv"});
}

}  // namespace
}  // namespace plimsoll::test
