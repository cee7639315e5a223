// The verb `convert`, as a new user meets it: the way in, the way out, and everything that can be wrong on the way.
#include <gtest/gtest.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "tests/cli/files.hpp"
#include "tests/cli/process.hpp"

namespace plimsoll::test {
namespace {

const std::string loads = "layer,expert,count\n0,0,600\n0,1,560\n0,2,120\n0,3,110\n";
const std::vector<std::string> cluster{"--nodes", "1", "--devices-per-node", "4", "--slots", "3"};

std::vector<std::string> words(std::vector<std::string> first, const std::vector<std::string>& more) {
  first.insert(first.end(), more.begin(), more.end());
  return first;
}

TEST(CliConvert, LoadsInPlanOutPlacementBackIn) {
  const Folder folder;
  const std::string csv = folder.file("loads.csv", loads);
  const std::string instance = folder.file("instance.json");
  const std::string plan = folder.file("plan.json");
  const Finished in = run(words({"convert", csv, "--from", "csv", "-o", instance}, cluster));
  ASSERT_EQ(in.exit_code, 0) << in.err;
  EXPECT_EQ(in.err, "dispatch is taken to be even, as in most engines; --dispatch weighted changes it\n");
  EXPECT_EQ(in.out, "");
  ASSERT_EQ(run({"solve", instance, "-o", plan, "--quiet"}).exit_code, 0);
  for (const std::string format : {"trtllm", "sglang", "csv"}) {
    SCOPED_TRACE(format);
    const std::string foreign = folder.file("foreign." + format);
    const Finished out = run({"convert", plan, "--to", format, "--instance", instance, "-o", foreign});
    ASSERT_EQ(out.exit_code, 0) << out.err;
    EXPECT_EQ(out.err.empty(), format == "csv") << out.err;
    const std::string placed = folder.file("placed." + format + ".json");
    ASSERT_EQ(run({"convert", foreign, "--from", format, "--instance", instance, "-o", placed}).exit_code, 0);
    // With its placement and no moves allowed, the plan is found again.
    EXPECT_NE(contents(placed).find("\"placement\""), std::string::npos);
    EXPECT_EQ(run({"solve", placed, "--method", "shares", "-o", folder.file("again.json"), "--quiet"}).exit_code, 0);
    EXPECT_EQ(run({"check", placed, folder.file("again.json")}).exit_code, 0);
  }
}

TEST(CliConvert, StandardInputAndOutput) {
  const Finished in = run(words({"convert", "-", "--from", "csv", "--quiet"}, cluster), loads);
  ASSERT_EQ(in.exit_code, 0) << in.err;
  EXPECT_EQ(in.err, "");
  EXPECT_EQ(in.out.rfind("{\n  \"plimsoll\": 1,", 0), 0U) << in.out;
  EXPECT_EQ(run(words({"convert", "-", "--from", "csv", "-o", "-"}, cluster), loads).out, in.out);
  const Folder folder;
  const std::string instance = folder.file("instance.json", in.out);
  const Finished plan = run({"solve", instance, "--quiet"});
  const Finished out = run({"convert", "-", "--to", "trtllm", "--instance", instance}, plan.out);
  EXPECT_EQ(out.exit_code, 0) << out.err;
  EXPECT_EQ(out.out.rfind("num_slots: 12\n", 0), 0U) << out.out;
  expect_one_line(run({"convert", "-", "--to", "trtllm", "--instance", "-"}, plan.out), {"only one of"});
}

TEST(CliConvert, HelpListsTheFormats) {
  const Finished help = run({"convert", "--help"});
  EXPECT_EQ(help.exit_code, 0);
  for (const std::string format : {"csv", "npy", "vllm-ascend", "trtllm", "sglang"}) {
    EXPECT_NE(help.out.find("\n  " + format + " "), std::string::npos) << format;
  }
}

TEST(CliConvert, WordsThatMakeNoSense) {
  expect_one_line(run({"convert"}), {"INPUT"});
  expect_one_line(run({"convert", "x"}), {"one of --from FORMAT and --to FORMAT"});
  expect_one_line(run({"convert", "x", "--from", "csv", "--to", "csv"}), {"one of --from FORMAT and --to FORMAT"});
  expect_one_line(run({"convert", "x", "--from", "tensorrt"}),
                  {"known: csv, npy, microsteps-npy, token-routes, routing-jsonl, vllm-ascend, trtllm, sglang"});
  expect_one_line(run({"convert", "x", "--from", "sqlang"}), {"Maybe 'sglang' was meant."});
  expect_one_line(run({"convert", "x", "--to", "npy"}), {"known: csv, vllm-ascend, trtllm, sglang"});
  expect_one_line(run({"convert", "x", "--to", "trtllm"}), {"Maybe add --instance INSTANCE."});
  expect_one_line(run({"convert", "x", "--from", "npy", "--where", "a=b"}), {"--where has no meaning with --from npy"});
  expect_one_line(run({"convert", "x", "--from", "csv", "--slotz", "3"}), {"--slotz"});
  const Folder folder;
  const std::string instance = folder.file("instance.json", small_instance());
  expect_one_line(run({"convert", "x", "--to", "csv", "--instance", instance, "--nodes", "3"}),
                  {"--nodes has no meaning with --to csv"});
}

TEST(CliConvert, InputsOfTheWrongKind) {
  const Folder folder;
  const std::string instance = folder.file("instance.json", small_instance());
  const std::string garbage(
      "\x7f"
      "ELF\x02\x01\x01\x00\x00\xff\xfe",
      11);
  for (const std::string format : {"csv", "npy", "vllm-ascend", "trtllm", "sglang"}) {
    SCOPED_TRACE(format);
    const auto refused = [&](const std::string& input, const std::vector<std::string>& parts) {
      expect_one_line(run({"convert", input, "--from", format, "--instance", instance, "-o", folder.file("out.json")}),
                      parts);
    };
    refused(folder.file("missing"), {"No such file"});
    refused(folder.path(), {"Is a directory"});
    refused(folder.file("empty", ""), {"empty: "});
    refused(folder.file("garbage", garbage), {"garbage: "});
    refused(folder.file("text", "hello\n"), {"text: "});
    refused(folder.file("json", "{\"a\": [1, {\"b\": 1e300}]}"), {"json: "});
    refused(folder.file("deep", std::string(100000, '[')), {"deep: "});
    EXPECT_FALSE(std::filesystem::exists(folder.file("out.json")));
  }
}

TEST(CliConvert, PlansThatCannotBeConverted) {
  const Folder folder;
  const std::string instance = folder.file("instance.json", small_instance());
  const std::string plan = folder.file("plan.json");
  ASSERT_EQ(run({"solve", instance, "-o", plan, "--quiet"}).exit_code, 0);
  const std::string text = contents(plan);
  const std::string out = folder.file("out.yaml");
  const auto convert = [&](const std::string& of, const std::string& input) {
    return run({"convert", input, "--to", "trtllm", "--instance", of, "-o", out});
  };
  expect_one_line(convert(instance, instance), {"instance.json"});
  expect_one_line(convert(plan, plan), {"an instance is expected"});
  std::string other = small_instance();
  other.replace(other.find("600"), 3, "601");
  expect_one_line(convert(folder.file("other.json", other), plan), {"made for an instance with hash"});
  // An objective that the plan does not have: exit 1, as the verb check has it.
  std::string changed = text;
  const std::string key = "\"objective\": ";
  changed.insert(changed.find(key) + key.size(), "1");
  const Finished wrong = convert(instance, folder.file("changed.json", changed));
  EXPECT_EQ(wrong.exit_code, 1) << wrong.err;
  EXPECT_NE(wrong.err.find("changed.json: the plan does not hold: "), std::string::npos) << wrong.err;
  EXPECT_EQ(std::count(wrong.err.begin(), wrong.err.end(), '\n'), 1) << wrong.err;
  const std::string impossible = folder.file("impossible.json", impossible_instance());
  const std::string none = folder.file("none.json");
  ASSERT_EQ(run({"solve", impossible, "-o", none, "--quiet"}).exit_code, 1);
  const Finished without = convert(impossible, none);
  EXPECT_EQ(without.exit_code, 1);
  EXPECT_NE(without.err.find("no plan to convert: the certificate says infeasible"), std::string::npos) << without.err;
  EXPECT_FALSE(std::filesystem::exists(out));
}

TEST(CliConvert, OutputsThatCannotBeWritten) {
  const Folder folder;
  const std::string csv = folder.file("loads.csv", loads);
  const auto to = [&](const std::string& output) {
    return run(words({"convert", csv, "--from", "csv", "-o", output}, cluster));
  };
  expect_one_line(to(folder.file("no/such.json")), {"there is no folder"});
  expect_one_line(to(folder.path()), {"cannot write"});
  expect_one_line(to(""), {"cannot write"});
  expect_one_line(to(csv), {"it is read here, too"});
  EXPECT_EQ(contents(csv), loads);
  const std::string instance = folder.file("instance.json", small_instance());
  expect_one_line(run({"convert", csv, "--from", "csv", "--instance", instance, "-o", instance}), {"overwritten"});
  EXPECT_EQ(contents(instance), small_instance());
  if (::geteuid() == 0) return;  // root writes everywhere
  std::filesystem::permissions(folder.path(), std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec);
  expect_one_line(to(folder.file("out.json")), {"cannot write"});
  std::filesystem::permissions(folder.path(), std::filesystem::perms::owner_all);
}

}  // namespace
}  // namespace plimsoll::test
