// The way of an instance through the program: generate, solve, check, explain, in files and in pipes.
#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

#include "support/json.hpp"
#include "tests/cli/files.hpp"
#include "tests/cli/process.hpp"

namespace plimsoll::test {
namespace {

// The names in the table of `plimsoll methods experts`.
std::vector<std::string> methods() {
  const Finished finished = run({"methods", "experts"});
  EXPECT_EQ(finished.exit_code, 0);
  std::vector<std::string> names;
  std::istringstream lines(finished.out);
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind("  ", 0) == 0) names.push_back(line.substr(2, line.find(' ', 2) - 2));
  }
  EXPECT_FALSE(names.empty()) << finished.out;
  return names;
}

// A plan file without its last section, "run": the part that has to be the same every time.
std::string identity(const std::string& plan) {
  const std::size_t place = plan.rfind("\"run\"");
  EXPECT_NE(place, std::string::npos) << plan;
  return plan.substr(0, place);
}

std::string text_at(const std::string& plan, const std::string& section, const std::string& key) {
  const support::Json json = support::parse(plan);
  const support::Json* inner = json.find(section);
  const support::Json* value = inner == nullptr ? nullptr : inner->find(key);
  return value == nullptr || value->string() == nullptr ? "" : *value->string();
}

TEST(CliFlow, EveryMethodSolvesWhatWasGenerated) {
  const Folder folder;
  const std::string instance = folder.file("instance.json");
  ASSERT_EQ(run({"generate", "experts", "--seed", "7", "-o", instance}).exit_code, 0);
  for (const std::string& method : methods()) {
    SCOPED_TRACE(method);
    const std::string plan = folder.file(method + ".json");
    const Finished solved = run({"solve", instance, "--method", method, "--work-limit", "2e6", "-o", plan});
    if (solved.exit_code == 2) {
      // A method may refuse a constraint, but has to say so.
      EXPECT_NE(solved.err.find(method), std::string::npos) << solved.err;
      continue;
    }
    ASSERT_EQ(solved.exit_code, 0) << solved.err;
    EXPECT_EQ(solved.out, "");
    const Finished checked = run({"check", instance, plan});
    EXPECT_EQ(checked.exit_code, 0) << checked.out << checked.err;
    EXPECT_EQ(checked.out.rfind("holds: objective ", 0), 0U) << checked.out;
    const Finished explained = run({"explain", instance, plan});
    EXPECT_EQ(explained.exit_code, 0) << explained.err;
    EXPECT_NE(explained.out, "");
  }
}

TEST(CliFlow, TheSameBytesTwiceAndForAnyNumberOfThreads) {
  const Finished instance = run({"generate", "experts", "--seed", "3"});
  ASSERT_EQ(instance.exit_code, 0);
  EXPECT_EQ(run({"generate", "experts", "--seed", "3"}).out, instance.out);
  EXPECT_NE(run({"generate", "experts", "--seed", "4"}).out, instance.out);
  for (const std::string& method : methods()) {
    SCOPED_TRACE(method);
    const std::vector<std::string> solve{"solve", "-", "--method", method, "--work-limit", "2e6", "--threads"};
    std::vector<std::string> plans;
    for (const std::string threads : {"1", "2", "5", "1"}) {
      std::vector<std::string> words = solve;
      words.push_back(threads);
      const Finished finished = run(words, instance.out);
      if (finished.exit_code == 2) break;
      ASSERT_EQ(finished.exit_code, 0) << finished.err;
      plans.push_back(identity(finished.out));
      EXPECT_EQ(plans.back(), plans.front());
    }
  }
}

TEST(CliFlow, Pipes) {
  const Folder folder;
  const std::string instance = folder.file("instance.json", small_instance());
  const Finished solved = run({"solve", "-"}, small_instance());
  ASSERT_EQ(solved.exit_code, 0) << solved.err;
  EXPECT_EQ(solved.out.rfind("{", 0), 0U);
  EXPECT_EQ(solved.out.back(), '\n');
  EXPECT_NE(solved.err, "");
  EXPECT_EQ(solved.err.find('\r'), std::string::npos);  // no progress line where nobody watches

  const Finished checked = run({"check", instance, "-"}, solved.out);
  EXPECT_EQ(checked.exit_code, 0) << checked.out << checked.err;
  const std::string plan = folder.file("plan.json", solved.out);
  EXPECT_EQ(run({"check", "-", plan}, small_instance()).exit_code, 0);
  EXPECT_EQ(run({"explain", "-", plan}, small_instance()).exit_code, 0);
  EXPECT_EQ(run({"explain", instance, "-"}, solved.out).exit_code, 0);
}

TEST(CliFlow, OutputToAFileIsTheSameAsToAPipe) {
  const Folder folder;
  const std::string instance = folder.file("instance.json", small_instance());
  const std::string plan = folder.file("plan.json");
  ASSERT_EQ(run({"solve", instance, "-o", plan}).exit_code, 0);
  EXPECT_EQ(identity(run({"solve", instance, "-o", "-"}).out), identity(contents(plan)));
  EXPECT_EQ(identity(run({"solve", instance}).out), identity(contents(plan)));
  EXPECT_EQ(folder.entries(), 2U);  // nothing temporary is left behind
}

TEST(CliFlow, QuietAndLog) {
  const Finished quiet = run({"solve", "-", "--quiet"}, small_instance());
  EXPECT_EQ(quiet.exit_code, 0);
  EXPECT_EQ(quiet.err, "");
  const Finished log = run({"solve", "-", "--log"}, small_instance());
  EXPECT_EQ(log.err.rfind("plan ", 0), 0U) << log.err;
}

TEST(CliFlow, ATamperedPlanIsFound) {
  const Folder folder;
  const std::string instance = folder.file("instance.json", small_instance());
  std::string plan = run({"solve", instance}).out;
  const std::size_t objective = plan.find("\"objective\": ");
  ASSERT_NE(objective, std::string::npos);
  plan.insert(objective + 13, "9");
  const Finished checked = run({"check", instance, "-"}, plan);
  EXPECT_EQ(checked.exit_code, 1) << checked.err;
  EXPECT_NE(checked.out, "");
  EXPECT_EQ(checked.err, "");
}

TEST(CliFlow, NoPlanIsPossible) {
  const Folder folder;
  const std::string instance = folder.file("impossible.json", impossible_instance());
  const std::string plan = folder.file("plan.json");
  const Finished solved = run({"solve", instance, "-o", plan});
  EXPECT_EQ(solved.exit_code, 1) << solved.err;
  EXPECT_EQ(text_at(contents(plan), "certificate", "status"), "infeasible");
  const Finished checked = run({"check", instance, plan});
  EXPECT_EQ(checked.exit_code, 1);
  EXPECT_NE(checked.out.find("infeasible"), std::string::npos) << checked.out;
  EXPECT_EQ(run({"explain", instance, plan}).exit_code, 1);
}

}  // namespace
}  // namespace plimsoll::test
