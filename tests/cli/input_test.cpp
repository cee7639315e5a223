// Files that are missing, broken or not what they should be: one clear line each, exit code 2.
#include <gtest/gtest.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "tests/cli/files.hpp"
#include "tests/cli/process.hpp"

namespace plimsoll::test {
namespace {

// small_instance() with one text put in place of another.
std::string changed(const std::string& from, const std::string& to) {
  std::string text = small_instance();
  const std::size_t place = text.find(from);
  EXPECT_NE(place, std::string::npos) << from;
  return text.replace(place, from.size(), to);
}

TEST(CliInput, NoFile) {
  const Folder folder;
  expect_one_line(run({"solve", folder.file("missing.json")}), {"missing.json", "No such file"});
  expect_one_line(run({"solve", folder.path()}), {"Is a directory"});
  expect_one_line(run({"solve", ""}), {});
  const std::string instance = folder.file("instance.json", small_instance());
  expect_one_line(run({"check", instance, folder.file("missing.json")}), {"missing.json"});
  expect_one_line(run({"explain", instance, folder.path()}), {"Is a directory"});
}

TEST(CliInput, EmptyFile) {
  const Folder folder;
  expect_one_line(run({"solve", folder.file("empty.json", "")}), {"empty.json"});
  expect_one_line(run({"solve", "-"}), {"standard input"});
}

TEST(CliInput, BrokenJson) {
  const Folder folder;
  const std::vector<std::string> texts{"{",           "[1, 2",        "{} {}",     "{'a': 1}", "null", "7",
                                       "\"problem\"", "{\"a\": NaN}", "{\"a\":,}", "\xff\xfe", "[[[[["};
  for (const std::string& text : texts) {
    expect_one_line(run({"solve", folder.file("broken.json", text)}), {"broken.json: "});
  }
  expect_one_line(run({"solve", "-"}, std::string(100000, '[')), {"standard input: "});
}

TEST(CliInput, WrongValuesNameTheirPlace) {
  const std::vector<std::pair<std::string, std::string>> wrong{
      {changed("\"experts\", \"name\"", "\"unheard-of\", \"name\""), "/problem"},
      {changed("\"problem\": \"experts\", ", ""), "/problem"},
      {changed("\"problem\": \"experts\"", "\"problem\": 3"), "/problem"},
      {changed("\"layers\": 1", "\"layers\": \"one\""), "/model/layers"},
      {changed("\"layers\": 1", "\"layers\": 1e300"), "/model/layers"},
      {changed("\"layers\": 1", "\"layers\": 2"), "/load"},
      {changed("\"layers\": 1", "\"layers\": 1, \"layers\": 1"), "layers"},
      {changed("\"slots\": 3", "\"slots\": -3"), "/cluster/slots"},
      {changed("\"slots\": 3", "\"slots\": 3, \"slotz\": 3"), "slotz"},
      {changed("600", "1e999"), ""},
      {changed("600", "-600"), "/load/0/0"},
      {changed("600", "\"600\""), "/load/0/0"},
      {changed("[[600", "[[[600]"), "/load"},
  };
  for (const auto& [text, place] : wrong) {
    const Finished finished = run({"solve", "-"}, text);
    expect_one_line(finished, {"plimsoll: standard input: ", place});
  }
}

TEST(CliInput, HugeSizesAreRefusedNotTried) {
  for (const std::string size : {"2147483647", "9223372036854775807", "99999999999999999999"}) {
    expect_one_line(run({"solve", "-"}, changed("\"layers\": 1", "\"layers\": " + size)), {});
    expect_one_line(run({"solve", "-"}, changed("\"devices_per_node\": 4", "\"devices_per_node\": " + size)), {});
    expect_one_line(run({"solve", "-"}, changed("\"slots\": 3", "\"slots\": " + size)), {});
  }
}

TEST(CliInput, AnAttachmentOutsideTheFolder) {
  expect_one_line(run({"solve", "-"}, changed("[[600, 560, 120, 110, 90, 40, 30, 10]]", R"({"npy": "../load.npy"})")),
                  {"/load"});
}

TEST(CliInput, InstanceAndPlanSwapped) {
  const Folder folder;
  const std::string instance = folder.file("instance.json", small_instance());
  const std::string plan = folder.file("plan.json");
  ASSERT_EQ(run({"solve", instance, "-o", plan}).exit_code, 0);
  expect_one_line(run({"check", plan, instance}), {"plan.json", "instance comes first"});
  expect_one_line(run({"check", instance, instance}), {"instance.json"});
}

TEST(CliInput, PlanOfAnotherInstance) {
  const Folder folder;
  const std::string instance = folder.file("instance.json", small_instance());
  const std::string other = folder.file("other.json", changed("600", "601"));
  const std::string plan = folder.file("plan.json");
  ASSERT_EQ(run({"solve", instance, "-o", plan}).exit_code, 0);
  expect_one_line(run({"check", other, plan}), {"plan.json"});
}

TEST(CliOutput, PlacesThatCannotBeWritten) {
  const Folder folder;
  const std::string instance = folder.file("instance.json", small_instance());
  expect_one_line(run({"solve", instance, "-o", folder.file("no/such/plan.json")}), {"there is no folder"});
  expect_one_line(run({"solve", instance, "-o", folder.path()}), {"cannot write"});
  expect_one_line(run({"solve", instance, "-o", instance}), {"overwritten"});
  expect_one_line(run({"solve", instance, "-o", ""}), {"cannot write"});
  expect_one_line(run({"generate", "experts", "-o", folder.file("no/such.json")}), {"there is no folder"});
  EXPECT_EQ(contents(instance), small_instance());
  EXPECT_EQ(folder.entries(), 1U);
}

TEST(CliOutput, AReadOnlyFolder) {
  if (::geteuid() == 0) GTEST_SKIP() << "root writes everywhere";
  const Folder folder;
  const std::string instance = folder.file("instance.json", small_instance());
  std::filesystem::permissions(folder.path(), std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec);
  expect_one_line(run({"solve", instance, "-o", folder.file("plan.json")}), {"cannot write"});
  std::filesystem::permissions(folder.path(), std::filesystem::perms::owner_all);
}

TEST(CliOutput, AFullDevice) {
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP();
  const Folder folder;
  const std::string instance = folder.file("instance.json", small_instance());
  const Finished finished = run({"solve", instance, "-o", "/dev/full", "--quiet"});
  EXPECT_EQ(finished.exit_code, 2);
  EXPECT_NE(finished.err.find("cannot write"), std::string::npos) << finished.err;
}

}  // namespace
}  // namespace plimsoll::test
