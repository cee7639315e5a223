// The verb `report` from outside.
#include <gtest/gtest.h>

#include "tests/cli/files.hpp"
#include "tests/cli/process.hpp"
#include "tests/markup.hpp"

namespace plimsoll::test {
namespace {

TEST(CliReport, WritesAPageForAPlan) {
  const Folder folder;
  const std::string instance = folder.file("instance.json", small_instance());
  const std::string plan = folder.file("plan.json");
  ASSERT_EQ(run({"solve", instance, "-o", plan, "--work-limit", "10000", "--quiet"}).exit_code, 0);
  const Finished finished = run({"report", instance, plan, "-o", folder.file("report.html")});
  EXPECT_EQ(finished.exit_code, 0) << finished.err;
  EXPECT_EQ(finished.out + finished.err, "");
  const std::string html = contents(folder.file("report.html"));
  EXPECT_EQ(markup_fault(html), "");
  EXPECT_NE(html.find("small"), std::string::npos);
  EXPECT_EQ(run({"report", instance, plan}).out, html);
}

TEST(CliReport, APlanThatBreaksTheInstanceIsShownAndEndsWithOne) {
  const Folder folder;
  const std::string instance = folder.file("instance.json", small_instance());
  const std::string plan = folder.file("plan.json");
  ASSERT_EQ(run({"solve", instance, "-o", plan, "--method", "eplb", "--quiet"}).exit_code, 0);
  std::string text = contents(plan);
  const std::size_t slots = text.find("\"slots\"");
  text.replace(text.find('[', text.find('[', slots) + 1) + 1, 1, "7");
  const std::string broken = folder.file("broken.json", text);
  const Finished finished = run({"report", instance, broken, "-o", "-"});
  EXPECT_EQ(finished.exit_code, 1) << finished.err;
  EXPECT_EQ(markup_fault(finished.out), "");
  EXPECT_NE(finished.out.find("fault"), std::string::npos);
  EXPECT_NE(finished.err.find("breaks the instance"), std::string::npos) << finished.err;
}

TEST(CliReport, WhatCannotBeShown) {
  const Folder folder;
  const std::string instance = folder.file("instance.json", impossible_instance());
  const std::string plan = folder.file("plan.json");
  ASSERT_EQ(run({"solve", instance, "-o", plan, "--quiet"}).exit_code, 1);
  const Finished finished = run({"report", instance, plan, "-o", "-"});
  EXPECT_EQ(finished.exit_code, 1);
  EXPECT_EQ(finished.out, "");
  expect_one_line(run({"report", instance, instance, "-o", "-"}), {"instance"});
  expect_one_line(run({"report", instance, plan, "-o", instance}), {"would be overwritten"});
  expect_one_line(run({"report", "-", "-"}), {"only one"});
  const std::string bins = folder.file("bins.json", R"({"plimsoll": 1, "problem": "assignment", "objective": "makespan",
    "bins": 2, "items": 2, "size": [1, 1]})");
  ASSERT_EQ(run({"solve", bins, "-o", folder.file("b.json"), "--quiet"}).exit_code, 0);
  expect_one_line(run({"report", bins, folder.file("b.json"), "-o", "-"}), {"no report", "explain"});
}

}  // namespace
}  // namespace plimsoll::test
