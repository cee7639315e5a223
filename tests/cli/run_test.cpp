// Plans that are run, and machines that are measured, through the program.
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "support/json.hpp"
#include "tests/cli/files.hpp"
#include "tests/cli/process.hpp"
#include "tests/cli/terminal.hpp"

namespace plimsoll::test {
namespace {

std::string shipped(const std::string& name) { return PLIMSOLL_SOURCE_DIR "/instances/experts/" + name + ".json"; }

// A shipped instance and its plan.
class CliRun : public testing::Test {
 protected:
  void SetUp() override {
    const Finished solved = run({"solve", instance, "-o", plan, "--quiet"});
    ASSERT_EQ(solved.exit_code, 0) << solved.err;
  }
  [[nodiscard]] Finished run_plan(const std::vector<std::string>& more = {}) const { return run(request(more)); }
  [[nodiscard]] Request request(const std::vector<std::string>& more) const {
    Request made{.arguments = {"run", instance, plan, "--model", "tiny"}};
    made.arguments.insert(made.arguments.end(), more.begin(), more.end());
    return made;
  }

  Folder folder;
  std::string instance = shipped("twelve-experts-weighted");
  std::string plan = folder.file("plan.json");
};

void expect_keys(const support::Json& json, const std::vector<std::string>& keys) {
  for (const std::string& key : keys) EXPECT_NE(json.find(key), nullptr) << key;
}

const std::string& text_of(const support::Json& json, const std::string& key) { return *json.find(key)->string(); }

TEST_F(CliRun, SaysWhatCameOfIt) {
  const Finished finished = run_plan();
  EXPECT_EQ(finished.exit_code, 0) << finished.err;
  EXPECT_EQ(finished.err, "");
  for (const char* part : {"tiny, width 64, inner 48, bf16", "8 devices on", "2 of 2 windows", "imbalance", "output"}) {
    EXPECT_NE(finished.out.find(part), std::string::npos) << part << " in " << finished.out;
  }
  const Finished quiet = run_plan({"--quiet"});
  EXPECT_EQ(quiet.exit_code, 0);
  EXPECT_EQ(quiet.out + quiet.err, "");
}

TEST_F(CliRun, TheReportIsJson) {
  const Finished finished = run_plan({"-o", "-", "--verify"});
  ASSERT_EQ(finished.exit_code, 0) << finished.err;
  const support::Json report = support::parse(finished.out);
  expect_keys(report, {"plimsoll",       "report",
                       "instance",       "shape",
                       "width",          "inner",
                       "type",           "isa",
                       "devices",        "threads",
                       "seats",          "machine",
                       "command",        "complete",
                       "output_sha256",  "verified",
                       "other_busy",     "seconds",
                       "expert_seconds", "flops",
                       "weight_bytes",   "device_busy_seconds",
                       "imbalance",      "windows"});
  EXPECT_EQ(text_of(report, "report"), "run");
  EXPECT_EQ(text_of(report, "instance"), "twelve-experts-weighted");
  EXPECT_EQ(text_of(report, "output_sha256").size(), 64U);
  EXPECT_TRUE(support::Reader(*report.find("complete")).boolean());
  EXPECT_TRUE(support::Reader(*report.find("verified")).boolean());
  EXPECT_EQ(report.find("prediction"), nullptr);  // without --cost there are no predicted seconds
  EXPECT_EQ(report.find("transfers"), nullptr);
  ASSERT_EQ(report.find("windows")->array()->size(), 2U);
  for (const support::Json& window : *report.find("windows")->array()) {
    expect_keys(window, {"microstep", "layer", "start_seconds", "seconds", "waited_seconds", "expert_seconds",
                         "device_seconds"});
    EXPECT_EQ(window.find("device_seconds")->array()->size(), 8U);
  }
  EXPECT_NE(finished.err.find("equal to that without a plan"), std::string::npos) << finished.err;
}

TEST_F(CliRun, TheTraceIsJson) {
  const std::string trace = folder.file("trace.json");
  ASSERT_EQ(run_plan({"--trace", trace, "--quiet"}).exit_code, 0);
  const support::Json json = support::parse(contents(trace));
  ASSERT_NE(json.find("traceEvents"), nullptr);
  EXPECT_GT(json.find("traceEvents")->array()->size(), 10U);
  const Finished both = run_plan({"--trace", "-", "-o", "-"});
  expect_one_line(both, {"standard output"});
}

std::string output_of(const Finished& finished) {
  EXPECT_EQ(finished.exit_code, 0) << finished.err;
  return text_of(support::parse(finished.out), "output_sha256");
}

TEST_F(CliRun, TheOutputDependsOnSeedAndSizeAlone) {
  const std::string output = output_of(run_plan({"-o", "-"}));
  for (const std::vector<std::string>& options :
       {std::vector<std::string>{"--threads", "1"}, {"--threads", "3", "--devices", "2"}, {"--devices", "1"}}) {
    std::vector<std::string> all{"-o", "-"};
    all.insert(all.end(), options.begin(), options.end());
    EXPECT_EQ(output_of(run_plan(all)), output);
  }
  EXPECT_NE(output_of(run_plan({"-o", "-", "--seed", "2"})), output);
  EXPECT_NE(output_of(run_plan({"-o", "-", "--layers", "1"})), output);
  EXPECT_NE(output_of(run_plan({"-o", "-", "--tokens", "100"})), output);
  EXPECT_NE(output_of(run_plan({"-o", "-", "--routing", "model", "--verify"})), output);
}

TEST_F(CliRun, AttentionMakesWholeLayers) {
  const std::vector<std::string> decode{"--attention", "msa", "--context", "700", "--sequences", "0"};
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.begin(), decode.begin(), decode.end());
    return run_plan(more);
  };
  const Finished finished = with({"-o", "-", "--verify"});
  ASSERT_EQ(finished.exit_code, 0) << finished.err;
  const support::Json report = support::parse(finished.out);
  ASSERT_NE(report.find("attention"), nullptr) << finished.out;
  const support::Json& attention = *report.find("attention");
  expect_keys(attention, {"kind", "context", "sequences", "shared_context", "query_heads", "groups", "head_size",
                          "weight_bytes", "cache_bytes", "seconds", "index"});
  expect_keys(*attention.find("index"), {"form", "index_size", "blocks", "selection", "local", "exact_bytes",
                                         "quantised_bytes", "bound_bytes", "rescored_blocks"});
  EXPECT_EQ(text_of(attention, "kind"), "msa");
  EXPECT_EQ(text_of(*attention.find("index"), "form"), "quantised");
  EXPECT_EQ(report.find("parts")->array()->size(), 10U);
  expect_keys(report.find("windows")->array()->front(), {"attention_seconds", "part_seconds"});
  EXPECT_TRUE(support::Reader(*report.find("verified")).boolean());
  for (const char* part : {"msa, 2 blocks, quantised index", "700 tokens", "of the layers", "attend", "combine"}) {
    EXPECT_NE(finished.err.find(part), std::string::npos) << part << " in " << finished.err;
  }
  const std::string output = text_of(report, "output_sha256");
  EXPECT_EQ(output_of(with({"-o", "-", "--threads", "1", "--devices", "2"})), output);
  EXPECT_EQ(output_of(with({"-o", "-", "--index", "exact"})), output);
  EXPECT_EQ(output_of(with({"-o", "-", "--index", "hierarchical"})), output);
  EXPECT_NE(output_of(with({"-o", "-", "--shared-context"})), output);
  EXPECT_NE(output_of(with({"-o", "-", "--seed", "2"})), output);
  EXPECT_NE(output_of(run_plan({"-o", "-"})), output);

  const Finished dense = run_plan({"--attention", "dense", "-o", "-", "--verify", "--routing", "model"});
  ASSERT_EQ(dense.exit_code, 0) << dense.err;
  const support::Json other = support::parse(dense.out);
  EXPECT_EQ(text_of(*other.find("attention"), "kind"), "dense");
  EXPECT_EQ(other.find("attention")->find("index"), nullptr);
  EXPECT_EQ(text_of(other.find("parts")->array()->at(7), "part"), "route");
}

TEST_F(CliRun, MistakesAboutAttention) {
  expect_one_line(run_plan({"--attention", "sparse"}), {"msa or dense", "sparse"});
  expect_one_line(run_plan({"--attention", "dense", "--index", "exact"}), {"--index", "dense"});
  expect_one_line(run_plan({"--attention", "msa", "--index", "8bit"}), {"exact, quantised or hierarchical", "8bit"});
  expect_one_line(run_plan({"--attention", "msa", "--context", "-1"}), {"--context"});
  expect_one_line(run_plan({"--attention", "msa", "--sequences", "x"}), {"--sequences"});
  for (const std::vector<std::string>& alone :
       {std::vector<std::string>{"--context", "5"}, {"--sequences", "2"}, {"--index", "exact"}, {"--shared-context"}}) {
    expect_one_line(run_plan(alone), {alone.front(), "Maybe add --attention msa."});
  }
  expect_one_line(run_plan({"--attention", "msa", "--context", "1e9", "--sequences", "0"}),
                  {"MB are available", "--shared-context"});
  const auto other = [&](const std::string& model, const std::string& kind) {
    return run({"run", instance, plan, "--model", model, "--attention", kind});
  };
  expect_one_line(other("deepseek-v3", "dense"), {"deepseek-v3", "nothing of attention"});
  expect_one_line(other("olmoe-1b-7b", "msa"), {"olmoe-1b-7b", "no index branch", "--attention dense"});
  EXPECT_EQ(folder.entries(), 1U);
}

TEST_F(CliRun, TheInstructionSetIsChosen) {
  Request portable = request({"-o", "-", "--verify"});
  portable.environment = {"PLIMSOLL_ISA=portable"};
  const Finished finished = run(portable);
  ASSERT_EQ(finished.exit_code, 0) << finished.err;
  EXPECT_EQ(text_of(support::parse(finished.out), "isa"), "portable");
  Request unknown = request({});
  unknown.environment = {"PLIMSOLL_ISA=mmx"};
  expect_one_line(run(unknown), {"PLIMSOLL_ISA is 'mmx'", "portable, avx2 or avx512-bf16"});
}

TEST_F(CliRun, ShapesFromFiles) {
  const std::string shape = folder.file(
      "shape.json",
      R"({"plimsoll": 1, "name": "mine", "width": 40, "inner": 24, "type": "f32", "router": {"top_k": 3}})");
  const Finished finished = run({"run", instance, plan, "--model", shape, "-o", "-", "--verify"});
  ASSERT_EQ(finished.exit_code, 0) << finished.err;
  const support::Json report = support::parse(finished.out);
  EXPECT_EQ(text_of(report, "shape"), "mine");
  EXPECT_EQ(text_of(report, "type"), "f32");
  const std::string broken =
      folder.file("broken.json", R"({"plimsoll": 1, "width": 0, "inner": 24, "router": {"top_k": 3}})");
  expect_one_line(run({"run", instance, plan, "--model", broken}), {"broken.json", "/width", "0"});
  const std::string many =
      folder.file("many.json", R"({"plimsoll": 1, "width": 8, "inner": 8, "router": {"top_k": 13}})");
  expect_one_line(run({"run", instance, plan, "--model", many}), {"13 experts", "the instance has 12"});
}

TEST_F(CliRun, MistakesAreSaidInOneLine) {
  expect_one_line(run({"run", instance, plan, "--model", "tinny"}), {"\"tinny\"", "Maybe 'tiny' was meant."});
  expect_one_line(run({"run", instance, plan, "--model", folder.file("none.json")}), {"none.json"});
  expect_one_line(run({"run", folder.file("none.json"), plan, "--model", "tiny"}), {"none.json"});
  expect_one_line(run({"run", instance, folder.file("none.json"), "--model", "tiny"}), {"none.json"});
  expect_one_line(run({"run", shipped("eight-experts-weighted"), plan, "--model", "tiny"}), {"plan.json"});
  expect_one_line(run({"run", "-", "-", "--model", "tiny"}), {"standard input"});
  expect_one_line(run_plan({"--routing", "guess"}), {"plan or model", "guess"});
  expect_one_line(run_plan({"--layers", "3"}), {"3 layers"});
  expect_one_line(run_plan({"--first-layer", "2"}), {"layer 2"});
  expect_one_line(run_plan({"--microsteps", "2"}), {"2 micro-steps"});
  expect_one_line(run_plan({"--devices", "-1"}), {"--devices"});
  expect_one_line(run_plan({"--seed", "x"}), {"--seed"});
  expect_one_line(run_plan({"-o", folder.path() + "/none/report.json"}), {"there is no folder"});
  expect_one_line(run_plan({"-o", plan}), {"plan.json"});
  expect_one_line(run_plan({"--trace", instance}), {"twelve-experts-weighted.json"});
  EXPECT_EQ(folder.entries(), 1U);
}

TEST_F(CliRun, ReadOnlyFolders) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may write everywhere";
  std::filesystem::permissions(folder.path(), std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec);
  const Finished finished = run_plan({"-o", folder.file("report.json")});
  std::filesystem::permissions(folder.path(), std::filesystem::perms::owner_all);
  expect_one_line(finished, {"report.json"});
}

// Half of an expert's tokens are served nowhere.
TEST_F(CliRun, PlansThatBreakTheInstanceAreNotRun) {
  std::string text = contents(plan);
  const std::size_t shares = text.find("\"shares\"");
  const std::size_t one = text.find('[', text.find('[', shares) + 1) + 1;  // of the first layer
  text.replace(one, text.find_first_of(",]", one) - one, "0.001");
  const std::string broken = folder.file("broken.json", text);
  const Finished finished = run({"run", instance, broken, "--model", "tiny"});
  EXPECT_EQ(finished.exit_code, 1) << finished.err;
  EXPECT_NE(finished.err.find("the plan breaks the instance: "), std::string::npos) << finished.err;
  EXPECT_EQ(finished.out, "");
}

TEST_F(CliRun, NoPlanAndOtherProblems) {
  const std::string impossible = folder.file("impossible.json", impossible_instance());
  const std::string none = folder.file("none.json");
  ASSERT_EQ(run({"solve", impossible, "-o", none, "--quiet"}).exit_code, 1);
  const Finished finished = run({"run", impossible, none, "--model", "tiny"});
  EXPECT_EQ(finished.exit_code, 1) << finished.err;
  EXPECT_NE(finished.err.find("no plan to run"), std::string::npos) << finished.err;
}

TEST_F(CliRun, TheReaderOfTheReportWentAway) {
  Request gone = request({"-o", "-", "--quiet"});
  gone.output = Output::reader_gone;
  const Finished finished = run(gone);
  EXPECT_NE(finished.exit_code, 0);
  EXPECT_EQ(finished.signal, 0);
  EXPECT_EQ(finished.err, "");
  Request closed = request({"-o", "-"});
  closed.output = Output::closed;
  const Finished refused = run(closed);
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_NE(refused.err.find("standard output"), std::string::npos) << refused.err;
}

// Micro-steps with transfers: held to the links or not, preloaded beside, verified.
TEST(CliRunStep, TransfersAreReported) {
  const Folder folder;
  const std::string instance = folder.file("step.json");
  ASSERT_EQ(run({"generate",
                 "experts",
                 "--microsteps",
                 "3",
                 "--layers",
                 "2",
                 "--experts",
                 "8",
                 "--top-k",
                 "2",
                 "--nodes",
                 "2",
                 "--devices-per-node",
                 "2",
                 "--slots",
                 "2",
                 "--transient-slots",
                 "1",
                 "--volatility",
                 "5",
                 "--tokens",
                 "512",
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
                 "--seed",
                 "3",
                 "-o",
                 instance})
                .exit_code,
            0);
  const std::string plan = folder.file("plan.json");
  ASSERT_EQ(run({"solve", instance, "-o", plan, "--quiet", "--work-limit", "1e6"}).exit_code, 0);
  const std::string trace = folder.file("trace.json");
  const Finished finished = run({"run", instance, plan, "--model", "tiny", "-o", "-", "--verify", "--trace", trace});
  ASSERT_EQ(finished.exit_code, 0) << finished.err;
  const support::Json report = support::parse(finished.out);
  ASSERT_NE(report.find("transfers"), nullptr) << finished.out;
  expect_keys(*report.find("transfers"),
              {"count", "bytes", "planned_seconds", "planned_exposed_seconds", "waited_seconds", "planned_hidden",
               "hidden", "late", "latest_seconds", "copy_seconds", "cpu_seconds"});
  EXPECT_GT(support::Reader(*report.find("transfers")->find("count")).integer(0, 1000), 0);
  ASSERT_NE(report.find("preloaded"), nullptr);
  EXPECT_TRUE(support::Reader(*report.find("preloaded")->find("same_output")).boolean());
  EXPECT_EQ(report.find("windows")->array()->size(), 6U);
  EXPECT_NE(contents(trace).find("from "), std::string::npos);
  const Finished held =
      run({"run", instance, plan, "--model", "tiny", "-o", "-", "--link-model", "--no-control", "--verify"});
  EXPECT_EQ(output_of(held), text_of(report, "output_sha256"));
  EXPECT_EQ(support::parse(held.out).find("preloaded"), nullptr);
  EXPECT_EQ(run({"run", instance, plan, "--model", "tiny", "--microsteps", "2", "--verify"}).exit_code, 0);
  const Finished whole = run({"run", instance, plan, "--model", "tiny", "-o", "-", "--link-model", "--verify",
                              "--attention", "msa", "--context", "500", "--sequences", "3"});
  ASSERT_EQ(whole.exit_code, 0) << whole.err;
  const support::Json layers = support::parse(whole.out);
  EXPECT_TRUE(support::Reader(*layers.find("preloaded")->find("same_output")).boolean());
  EXPECT_GT(support::Reader(*layers.find("transfers")->find("bytes")).integer(0, 1'000'000'000), 0);
}

// Many layers on many tokens: far from done when its first windows are shown.
TEST(CliRunEnding, InterruptEndsARun) {
  const Folder folder;
  const std::string instance = folder.file("instance.json");
  ASSERT_EQ(run({"generate", "experts", "--layers", "200", "--experts", "8", "--top-k", "2", "--devices-per-node", "4",
                 "--slots", "2", "--tokens", "10000", "--seed", "3", "-o", instance})
                .exit_code,
            0);
  const std::string plan = folder.file("plan.json");
  ASSERT_EQ(run({"solve", instance, "-o", plan, "--quiet", "--work-limit", "1e5"}).exit_code, 0);
  Request request{.arguments = {"run", instance, plan, "--model", "tiny", "--tokens", "200000"},
                  .environment = {"TERM=xterm"}};
  const Finished finished = run_on_terminal(request, {.text = " windows", .signal = SIGINT});
  if (finished.out.empty()) GTEST_SKIP() << "no pseudo-terminals here";
  EXPECT_EQ(finished.exit_code, 4) << finished.out << " signal " << finished.signal;
  EXPECT_NE(finished.out.find("stopped before the end"), std::string::npos) << finished.out;
  EXPECT_NE(finished.out.find(" of 200 windows"), std::string::npos) << finished.out;
  EXPECT_EQ(finished.out.find("output "), std::string::npos) << finished.out;  // that of a part is no output
}

TEST(CliCalibrate, TheCostSolvesChecksAndRuns) {
  const Folder folder;
  const std::string instance = shipped("twelve-experts-weighted");
  const std::string cost = folder.file("cost.json");
  const Finished measured = run({"calibrate", "--model", "tiny", "--devices", "2", "--tokens", "16", "--repeats", "2",
                                 "--threads", "2", "-o", cost});
  ASSERT_EQ(measured.exit_code, 0) << measured.err;
  EXPECT_EQ(measured.out, "");
  EXPECT_NE(measured.err.find("for one token"), std::string::npos) << measured.err;
  const support::Json json = support::parse(contents(cost));
  expect_keys(json, {"plimsoll", "measured", "cost", "expert_bytes", "link", "shared_bytes_per_second",
                     "devices_at_once", "threads_of_a_device"});
  EXPECT_EQ(text_of(json, "measured"), "tiny");
  expect_keys(*json.find("cost"), {"token_seconds", "other_seconds", "expert_seconds"});
  EXPECT_EQ(json.find("cost")->find("expert_seconds")->array()->size(), 11U);  // 0, then the grid up to 16

  const std::string plan = folder.file("plan.json");
  ASSERT_EQ(run({"solve", instance, "--cost", cost, "-o", plan, "--quiet", "--work-limit", "1e6"}).exit_code, 0);
  EXPECT_EQ(run({"check", instance, plan, "--cost", cost}).exit_code, 0);
  expect_one_line(run({"check", instance, plan}), {"plan.json"});
  expect_one_line(run({"run", instance, plan, "--model", "tiny"}), {"plan.json"});
  const Finished finished = run({"run", instance, plan, "--model", "tiny", "--cost", cost, "-o", "-"});
  ASSERT_EQ(finished.exit_code, 0) << finished.err;
  const support::Json report = support::parse(finished.out);
  ASSERT_NE(report.find("prediction"), nullptr);
  expect_keys(*report.find("prediction"),
              {"expert_seconds", "busiest_device_seconds", "measured_busiest_device_seconds", "device_windows",
               "median_error", "p95_error", "worst_error"});
  EXPECT_NE(report.find("windows")->array()->front().find("predicted_device_seconds"), nullptr);
}

TEST(CliCalibrate, MistakesAreSaidInOneLine) {
  const Folder folder;
  expect_one_line(run({"calibrate", "--model", "tinny", "--devices", "2"}), {"Maybe 'tiny' was meant."});
  expect_one_line(run({"calibrate", "--model", "tiny", "--devices", "0"}), {"--devices"});
  expect_one_line(run({"calibrate", "--model", "tiny", "--devices", "2", "--tokens", "0"}), {"--tokens"});
  expect_one_line(run({"calibrate", "--model", "tiny", "--devices", "2", "-o", folder.path() + "/none/cost.json"}),
                  {"there is no folder"});
  const std::string instance = shipped("twelve-experts-weighted");
  const std::string broken = folder.file("broken.json", R"({"plimsoll": 1, "measured": "tiny", "cost": {}})");
  expect_one_line(run({"solve", instance, "--cost", broken}), {"broken.json", "/cost"});
  const std::string link = folder.file("link.json", R"({"plimsoll": 1, "measured": "tiny", "expert_bytes": 1,
    "cost": {"expert_seconds": [[0, 0], [1, 1]]}, "link": {"bytes": 1}})");
  expect_one_line(run({"solve", instance, "--cost", link}), {"link.json", "/link/bytes"});
}

}  // namespace
}  // namespace plimsoll::test
