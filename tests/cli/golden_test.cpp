// The golden files through the whole program.
#include "tests/golden.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "tests/cli/files.hpp"
#include "tests/cli/process.hpp"

namespace plimsoll::test {
namespace {

TEST(CliGoldenFiles, EveryInvalidInstanceGetsOneLineThatNamesIt) {
  for (const std::string& path : testing::documents_in("experts/invalid")) {
    SCOPED_TRACE(path);
    expect_one_line(run({"solve", path}), {std::filesystem::path(path).filename().string() + ": "});
  }
}

TEST(CliGoldenFiles, EveryValidInstanceIsSolvedAndThePlanHolds) {
  const Folder folder;
  for (const std::string& path : testing::documents_in("experts/valid")) {
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

}  // namespace
}  // namespace plimsoll::test
