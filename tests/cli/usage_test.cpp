// Command lines that make no sense, and those that only ask.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/cli/files.hpp"
#include "tests/cli/process.hpp"

namespace plimsoll::test {
namespace {

TEST(CliUsage, HelpAndVersionOfEveryVerb) {
  const std::vector<std::vector<std::string>> verbs{
      {},          {"solve"}, {"check"}, {"explain"}, {"methods"}, {"generate"}, {"generate", "experts"},
      {"convert"}, {"export"}};
  for (std::vector<std::string> words : verbs) {
    words.emplace_back("--help");
    const Finished help = run(words);
    EXPECT_EQ(help.exit_code, 0);
    EXPECT_NE(help.out.find("Usage: plimsoll"), std::string::npos) << help.out;
    EXPECT_NE(help.out.find("Example:\n  plimsoll "), std::string::npos) << help.out;
    EXPECT_EQ(help.err, "");

    words.back() = "--version";
    const Finished version = run(words);
    EXPECT_EQ(version.exit_code, 0);
    EXPECT_EQ(version.out.rfind("plimsoll 0.", 0), 0U) << version.out;
  }
}

TEST(CliUsage, HelpOfAGeneratorListsItsOptionsWithDefaults) {
  const Finished help = run({"generate", "experts", "--help"});
  EXPECT_NE(help.out.find("--seed N=1"), std::string::npos) << help.out;
  EXPECT_NE(help.out.find(" VALUE="), std::string::npos) << help.out;
}

TEST(CliUsage, UnknownWords) {
  expect_one_line(run(std::vector<std::string>{}), {"--help"});
  expect_one_line(run({"slove"}), {"known: solve, check"});
  expect_one_line(run({"solvee", "x.json"}), {"Maybe 'solve' was meant."});
  expect_one_line(run({"--nothing"}), {"no verb"});
  expect_one_line(run({"solve"}), {"INSTANCE"});
  expect_one_line(run({"solve", "x.json", "--nothing"}), {"plimsoll solve --help"});
  expect_one_line(run({"solve", "x.json", "another.json"}), {"another.json"});
  expect_one_line(run({"check", "x.json"}), {"PLAN"});
  expect_one_line(run({"methods", "nothing"}), {"experts"});
  expect_one_line(run({"generate"}), {"plimsoll generate --help"});
  expect_one_line(run({"generate", "nothing"}), {"known: experts"});
  expect_one_line(run({"generate", "experts", "--nothing", "3"}), {"--nothing"});
}

TEST(CliUsage, NumbersOutOfRange) {
  const std::vector<std::pair<std::string, std::vector<std::string>>> wrong{
      {"--threads", {"0", "1025", "-1", "2.5", "two", ""}},
      {"--time-limit", {"0", "-1", "inf", "nan", "1s", ""}},
      {"--work-limit", {"0", "-1", "0.5", "1e30", "99999999999999999999999"}},
      {"--seed", {"-1", "0x10", "1 ", "9223372036854775808"}},
      {"--gap", {"-0.1", "1.1", "nan", "1%"}},
  };
  for (const auto& [option, values] : wrong) {
    for (const std::string& value : values) {
      expect_one_line(run({"solve", "x.json", option + "=" + value}), {option});
    }
  }
}

TEST(CliUsage, OptionsThatContradict) {
  expect_one_line(run({"solve", "x.json", "--seed", "1", "--seed", "2"}), {"--seed"});
  expect_one_line(run({"solve", "x.json", "--log", "--quiet"}), {"--quiet"});
  expect_one_line(run({"check", "-", "-"}), {"standard input"});
  expect_one_line(run({"explain", "-", "-"}), {"standard input"});
}

TEST(CliUsage, UnknownMethodAndFormat) {
  const Finished method = run({"solve", "-", "--method", "guessing"}, small_instance());
  expect_one_line(method, {"guessing"});
  expect_one_line(run({"solve", "-", "--format", "xml"}, small_instance()), {"json"});
}

}  // namespace
}  // namespace plimsoll::test
