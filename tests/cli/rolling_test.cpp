// `compare --rolling` from outside.
#include <gtest/gtest.h>

#include <algorithm>

#include "support/json.hpp"
#include "tests/cli/files.hpp"
#include "tests/cli/process.hpp"
#include "tests/markup.hpp"

namespace plimsoll::test {
namespace {

std::string step_instance(const std::string& name) {
  return R"({"plimsoll": 1, "problem": "experts", "name": ")" + name +
         R"(", "model": {"layers": 1, "experts": 3}, "cluster": {"nodes": 1, "devices_per_node": 2, "slots": 2},
 "microsteps": [[[8, 2, 2]], [[2, 8, 2]], [[2, 8, 2]], [[2, 2, 8]]]})";
}

struct Setting {
  Folder folder;
  std::string instance = folder.file("a.json", step_instance("change"));

  [[nodiscard]] std::vector<std::string> words(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> list{"compare",    "--rolling",    "1",    instance, "--methods",
                                  "eplb,local", "--work-limit", "20000"};
    list.insert(list.end(), more.begin(), more.end());
    return list;
  }
};

TEST(CliRolling, WritesEveryKindOfReport) {
  const Setting setting;
  const Folder& folder = setting.folder;
  const Finished finished =
      run(setting.words({"--max-moves", "0,none", "--csv", folder.file("r.csv"), "--json", folder.file("r.json"),
                         "--markdown", folder.file("r.md"), "--html", folder.file("r.html"), "--title", "<T>"}));
  EXPECT_EQ(finished.exit_code, 0) << finished.err;
  EXPECT_EQ(finished.err, "");
  EXPECT_NE(finished.out.find("eplb, takes no limit"), std::string::npos) << finished.out;
  EXPECT_NE(finished.out.find("local, at most 0 moves"), std::string::npos) << finished.out;
  EXPECT_EQ(markup_fault(contents(folder.file("r.html"))), "");
  EXPECT_EQ(contents(folder.file("r.md")).rfind("# &lt;T>", 0), 0U);
  // Three plans of each of three entries.
  const std::string csv = contents(folder.file("r.csv"));
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 10);
  const support::Json json = support::parse(contents(folder.file("r.json")));
  const auto& entries = *json.find("instances")->array()->front().find("entries")->array();
  ASSERT_EQ(entries.size(), 3U);
  // local without a limit: 8/6, 1, 8/6.
  EXPECT_NEAR(std::get<double>(entries[2].find("summary")->find("imbalance")->value()), 11.0 / 9, 1e-9);
}

TEST(CliRolling, TheSameBytesAgainAndForAnyNumberOfThreads) {
  const Setting setting;
  const Finished once = run(setting.words({"--csv", "-"}));
  ASSERT_EQ(once.exit_code, 0) << once.err;
  EXPECT_EQ(run(setting.words({"--csv", "-"})).out, once.out);
  EXPECT_EQ(run(setting.words({"--csv", "-", "--threads", "2"})).out, once.out);
}

TEST(CliRolling, SeveralInstances) {
  const Setting setting;
  const std::string other = setting.folder.file("b.json", step_instance("change") + "\n");
  const Finished finished = run(setting.words({other}));
  EXPECT_EQ(finished.exit_code, 0) << finished.err;
  EXPECT_NE(finished.out.find("change (" + other + ")"), std::string::npos) << finished.out;
}

TEST(CliRolling, WhatMakesNoSense) {
  const Setting setting;
  expect_one_line(run(setting.words({"--time-limit", "1"})), {"--time-limit", "--work-limit"});
  expect_one_line(run(setting.words({"--seeds", "2"})), {"--seeds"});
  expect_one_line(run(setting.words({"--max-moves", "1,x"})), {"--max-moves", "\"x\""});
  expect_one_line(run(setting.words({"--max-moves", "1,1"})), {"--max-moves", "twice"});
  expect_one_line(run({"compare", setting.instance, "--max-moves", "1"}), {"--max-moves needs --rolling"});
  expect_one_line(run({"compare", "--rolling", "4", setting.instance}), {"4 micro-steps"});
  expect_one_line(run({"compare", "--rolling", "0", setting.instance}), {"--rolling"});
  expect_one_line(run({"compare", "--rolling", "1", setting.instance, "--methods", "ebpl"}), {"ebpl", "known: auto"});
  const std::string still = setting.folder.file("c.json", small_instance());
  expect_one_line(run({"compare", "--rolling", "1", still}), {"c.json", "micro-steps"});
}

}  // namespace
}  // namespace plimsoll::test
