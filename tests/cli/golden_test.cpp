// The golden files through the whole program.
#include "tests/golden.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "tests/cli/files.hpp"
#include "tests/cli/process.hpp"

namespace plimsoll::test {
namespace {

class CliGoldenFiles : public ::testing::TestWithParam<std::string> {};

TEST_P(CliGoldenFiles, EveryInvalidInstanceGetsOneLineThatNamesIt) {
  for (const std::string& path : testing::documents_in(GetParam() + "/invalid")) {
    SCOPED_TRACE(path);
    expect_one_line(run({"solve", path}), {std::filesystem::path(path).filename().string() + ": "});
  }
}

TEST_P(CliGoldenFiles, EveryValidInstanceIsSolvedAndThePlanHolds) {
  const Folder folder;
  for (const std::string& path : testing::documents_in(GetParam() + "/valid")) {
    SCOPED_TRACE(path);
    const std::string plan = folder.file("plan.json");
    const Finished solved = run({"solve", path, "--work-limit", "1e6", "-o", plan});
    if (solved.exit_code == 1) {
      EXPECT_NE(solved.err.find("no plan is possible"), std::string::npos) << solved.err;
      EXPECT_EQ(run({"check", path, plan}).exit_code, 1);
      continue;
    }
    ASSERT_EQ(solved.exit_code, 0) << solved.err;
    const Finished checked = run({"check", path, plan});
    EXPECT_EQ(checked.exit_code, 0) << checked.out << checked.err;
  }
}

INSTANTIATE_TEST_SUITE_P(Problems, CliGoldenFiles, ::testing::Values("experts", "assignment"),
                         [](const auto& place) { return place.param; });

TEST(CliTextFormats, AreSolvedCheckedAndExplained) {
  const Folder folder;
  const std::string plan = folder.file("plan.json");
  for (const std::string format : {"gap", "rcmax", "pcmax"}) {
    SCOPED_TRACE(format);
    const std::string path = testing::golden("assignment/text/one." + format).string();
    const Finished solved = run({"solve", path, "--format", format, "-o", plan});
    ASSERT_EQ(solved.exit_code, 0) << solved.err;
    EXPECT_EQ(run({"check", path, plan, "--format", format}).exit_code, 0);
    EXPECT_NE(run({"explain", path, plan, "--format", format}).out.find("objective"), std::string::npos);
    expect_one_line(run({"solve", path}), {"--format"});
    expect_one_line(run({"solve", path, "--format", "mps"}), {"expected one of json, gap, rcmax, pcmax", "mps"});
  }
  const std::string several = testing::golden("assignment/text/several.gap").string();
  expect_one_line(run({"solve", several, "--format", "gap"}), {"2 problems", "gap:1"});
  EXPECT_EQ(run({"solve", several, "--format", "gap:2", "-o", plan}).exit_code, 0);
  EXPECT_EQ(run({"check", several, plan, "--format", "gap:1"}).exit_code, 2);  // the plan of another problem
}

}  // namespace
}  // namespace plimsoll::test
