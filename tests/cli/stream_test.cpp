// plimsoll solve --stream through the program: a line in, a line out.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <string>

#include "support/json.hpp"
#include "tests/cli/files.hpp"
#include "tests/cli/process.hpp"

namespace plimsoll::test {
namespace {

// 2 layers of 4 experts on 2 devices with 3 base slots and 1 transient slot.
constexpr const char* past = R"({"plimsoll": 1, "problem": "experts",
  "model": {"layers": 2, "experts": 4, "expert_bytes": 10},
  "cluster": {"nodes": 1, "devices_per_node": 2, "slots": 3, "link": {"intra_bytes_per_second": 10}},
  "limits": {"transient_slots": 1},
  "microsteps": [[[8, 4, 2, 2], [1, 5, 5, 5]], [[2, 2, 8, 4], [7, 3, 3, 3]]]})";

std::string instance_in(const Folder& folder) {
  const std::string path = folder.file("past.json");
  std::ofstream(path) << past;
  return path;
}

TEST(CliStream, AnswersEveryLine) {
  const Folder folder;
  const std::string question = R"({"load": [[10, 1, 1, 4], [4, 4, 4, 4]]})";
  const Finished finished = run({"solve", "--stream", instance_in(folder), "--lookahead-microsteps", "1"},
                                question + "\n\n" + question + "\n" + question);
  EXPECT_EQ(finished.exit_code, 0) << finished.err;
  ASSERT_EQ(std::count(finished.out.begin(), finished.out.end(), '\n'), 4) << finished.out;
  const auto opening = support::parse(finished.out.substr(0, finished.out.find('\n')));
  EXPECT_NE(opening.find("base"), nullptr);
  const auto last = support::parse(finished.out.substr(finished.out.rfind('\n', finished.out.size() - 2) + 1));
  ASSERT_NE(last.find("microstep"), nullptr);
  EXPECT_EQ(last.find("microstep")->shown(), "2");
  EXPECT_NE(finished.err.find("3 micro-steps planned"), std::string::npos) << finished.err;
}

TEST(CliStream, SaysWhichLineIsNoQuestion) {
  const Folder folder;
  const std::string path = instance_in(folder);
  const std::string good = R"({"load": [[10, 1, 1, 4], [4, 4, 4, 4]]})";
  for (const char* bad :
       {R"({"load": [[1, 2], [3, 4]]})", "{", R"({"loads": []})", R"({"load": [[1, 1, 1, -1], [1, 1, 1, 1]]})"}) {
    const Finished finished = run({"solve", "--stream", path}, good + "\n" + bad + "\n" + good + "\n");
    EXPECT_EQ(finished.exit_code, 2) << bad;
    EXPECT_NE(finished.err.find("standard input, line 2"), std::string::npos) << finished.err;
    EXPECT_EQ(std::count(finished.out.begin(), finished.out.end(), '\n'), 2) << "the answers before it stand";
  }
}

TEST(CliStream, WordsThatMakeNoSense) {
  const Folder folder;
  const std::string path = instance_in(folder);
  expect_one_line(run({"solve", path, "--lookahead-microsteps", "1"}), {"--stream"});
  expect_one_line(run({"solve", "--stream", "-"}), {"the instance must be a file"});
  expect_one_line(run({"solve", "--stream", path, "-o", "plan.json"}), {"answers go to standard output"});
  expect_one_line(run({"solve", "--stream", path, "--lookahead-microsteps", "-1"}), {"--lookahead-microsteps"});
}

}  // namespace
}  // namespace plimsoll::test
