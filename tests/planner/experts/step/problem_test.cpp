// A step behind the interface of the registry: solved, written, checked and explained.
#include "planner/experts/step/problem.hpp"

#include <gtest/gtest.h>

#include "planner/common/plan_file.hpp"
#include "planner/experts/problem.hpp"
#include "planner/experts/step/explain.hpp"
#include "planner/experts/step/json.hpp"
#include "planner/experts/step/method.hpp"
#include "planner/experts/step/solve.hpp"
#include "tests/golden.hpp"

namespace plimsoll::experts::step {
namespace {

class StepProblem : public ::testing::Test {
 protected:
  StepProblem() {
    document_ = common::read_document(testing::golden("experts/valid/step_gradients.json").string());
    hash_ = common::identity(document_);
    loaded_ = find_problem("experts").load(document_);
    options_.work_limit = 1'000'000;
    options_.method = "foresight";
    text_ = common::write_plan("experts", loaded_->name(), hash_,
                               loaded_->solve(options_, support::Meter::Clock::now()), 1);
  }

  [[nodiscard]] std::vector<std::string> check(const std::string& text) const {
    const support::Json json = support::parse(text);
    return loaded_->check(json, common::read_envelope(json, "experts", hash_));
  }

  // The plan file with the number behind the first such key replaced.
  [[nodiscard]] std::string with(const std::string& key, const std::string& value) const {
    const std::size_t place = text_.find("\"" + key + "\":");
    EXPECT_NE(place, std::string::npos) << key;
    const std::size_t begin = text_.find_first_not_of(" \n", place + key.size() + 3);
    return text_.substr(0, begin) + value + text_.substr(text_.find_first_of(",}\n", begin));
  }

  common::Document document_;
  std::string hash_;
  std::unique_ptr<common::LoadedInstance> loaded_;
  SolveOptions options_;
  std::string text_;
};

TEST_F(StepProblem, WhatWasWrittenHolds) {
  EXPECT_EQ(check(text_), std::vector<std::string>{});
  EXPECT_EQ(loaded_->name(), "step");
}

TEST_F(StepProblem, EveryOtherMetricIsRefused) {
  for (const char* key : {"imbalance", "worst_imbalance", "moves", "moved_bytes", "transfers", "transferred_bytes",
                          "expert_seconds", "exposed_seconds", "step_seconds"}) {
    SCOPED_TRACE(key);
    const auto found = check(with(key, "777"));
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found.front().rfind("/metrics/" + std::string(key) + ": claims 777", 0), 0U) << found.front();
  }
}

TEST_F(StepProblem, OtherClaimsOfTheCertificateAreRefused) {
  for (const char* key : {"objective", "bound", "gap"}) EXPECT_FALSE(check(with(key, "1234.5")).empty()) << key;
  EXPECT_FALSE(check(with("verified", "false")).empty());
}

TEST_F(StepProblem, AnExplanationNamesWhatBinds) {
  const std::string text = loaded_->explain(support::parse(text_));
  for (const char* part :
       {"objective ", "the step takes ", "waiting for transfers", "experts received", "between plan and bound"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
  }
}

// One transfer from the host that comes late, and one gradient after the last window.
TEST(StepExplain, WaitingAndLinks) {
  const common::Document document = [] {
    common::Document made;
    made.json = support::parse(R"({"plimsoll": 1, "problem": "experts",
      "model": {"layers": 1, "experts": 2, "expert_bytes": 10, "gradient_bytes": 20},
      "cluster": {"nodes": 1, "devices_per_node": 2, "slots": 1,
                  "link": {"intra_bytes_per_second": 10, "host_bytes_per_second": 5}},
      "microsteps": [[[8, 4]]], "gradient_return": true, "limits": {"transient_slots": 1}})");
    return made;
  }();
  const StepInstance instance = read_instance(document);
  const StepPlan plan = read_plan(support::parse(R"({"plan": {"base": [[0, 1]],
    "microsteps": [{"slots": [[0, -1, 1, 0]], "shares": [[0.75, 0, 1, 0.25]]}],
    "transfers": [
      {"microstep": 0, "layer": 0, "expert": 0, "from": "host:0", "to": 1, "start_seconds": 0, "end_seconds": 2},
      {"kind": "gradient", "microstep": 0, "layer": 0, "expert": 0, "from": 1, "to": 0, "start_seconds": 20,
       "end_seconds": 22}]}})"),
                                  instance);
  const Evaluation evaluation = evaluate(instance, plan);
  ASSERT_EQ(evaluation.violations, std::vector<std::string>{});
  EXPECT_EQ(evaluation.metrics.step_seconds, 22);
  EXPECT_EQ(busy_seconds(instance, evaluation), (std::vector<double>{18, 18}));
  EXPECT_EQ(largest_seconds(evaluation), Matrix<double>(1, 1, 6.0));
  const std::string text = explain(instance, plan);
  for (const char* part :
       {"windows that wait (1 of 1 that do)", "host 0 -> device 1 (host link)",
        "after the last window the last gradients take 2 seconds more", "  4   18.18%",
        "out ports inside a node        1          9.09%", "host links                     1          9.09%"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
  }
  EXPECT_EQ(text.find("NICs"), std::string::npos) << text;  // no NIC carries a byte
}

TEST(StepExplain, ABrokenPlanIsExplainedAsItIs) {
  common::Document document;
  document.json = support::parse(R"({"plimsoll": 1, "problem": "experts", "model": {"layers": 1, "experts": 2},
      "cluster": {"nodes": 1, "devices_per_node": 2, "slots": 1}, "microsteps": [[[8, 4]]]})");
  const StepInstance instance = read_instance(document);
  const StepPlan plan = read_plan(
      support::parse(
          R"({"plan": {"base": [[0, 1]], "microsteps": [{"slots": [[0, 1]], "shares": [[0.5, 1]]}], "transfers": []}})"),
      instance);
  EXPECT_EQ(explain(instance, plan).rfind("The plan breaks the instance", 0), 0U);
}

TEST(StepMethods, AreListedForTheirKindOfInstance) {
  const auto lists = find_problem("experts").methods();
  ASSERT_EQ(lists.size(), 2U);
  EXPECT_EQ(lists[0].of, "experts");
  EXPECT_EQ(lists[1].of, "experts with micro-steps");
  for (const auto& method : lists[1].methods) {
    EXPECT_EQ(method.supports.rfind("micro-steps", 0), 0U) << method.name;
    EXPECT_EQ(find_method(method.name).name, method.name);
  }
  try {
    find_method("lpt");  // of the others
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::usage);
    EXPECT_STREQ(error.what(), "experts with micro-steps has no method 'lpt'");
    EXPECT_NE(error.advice().find("foresight"), std::string::npos);
  }
}

TEST(StepSolve, TheCallsOfAnEmbedder) {
  const StepInstance instance = read_step(testing::golden("experts/valid/step_transient.json").string());
  SolveOptions options;
  options.work_limit = 1'000'000;
  const StepSolution solution = plimsoll::solve(instance, options);
  ASSERT_TRUE(solution.certificate.objective.has_value());
  EXPECT_EQ(solution.metrics.step_seconds, *solution.certificate.objective);
  EXPECT_TRUE(plimsoll::check(instance, solution.plan, &solution.certificate).empty());
  Certificate bold = solution.certificate;
  bold.bound = *bold.objective;
  bold.gap = 0;
  bold.status = Status::optimal;
  bold.stopped_by = StoppedBy::optimal;
  const bool optimal = solution.certificate.status == Status::optimal;
  EXPECT_EQ(plimsoll::check(instance, solution.plan, &bold).empty(), optimal);
  StepPlan broken = solution.plan;
  broken.base.at(0, 0) = -1;
  EXPECT_FALSE(plimsoll::check(instance, broken).empty());
  options.method = "local";
  EXPECT_THROW(plimsoll::solve(instance, options), Error);
}

}  // namespace
}  // namespace plimsoll::experts::step
