#include "planner/experts/step/json.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "planner/common/plan_file.hpp"
#include "support/file.hpp"
#include "tests/damage.hpp"
#include "tests/golden.hpp"

namespace plimsoll::experts::step {
namespace {

using testing::documents_in;
using testing::golden;
using testing::Refusal;
using testing::refusals_in;

StepInstance read_path(const std::string& path) { return read_instance(common::read_document(path)); }
StepInstance read_golden(const std::string& name) {
  return read_path(golden("experts/valid/step_" + name + ".json").string());
}
StepInstance read_text(const std::string& text) {
  common::Document document;
  document.json = support::parse(text);
  return read_instance(document);
}

TEST(StepJson, DefaultsAreThoseOfTheFormat) {
  const StepInstance instance = read_golden("minimal");
  ASSERT_EQ(instance.microsteps(), 2);
  EXPECT_EQ(instance.load[0].at(1, 2), 30);
  EXPECT_EQ(instance.load[1].at(0, 1), 50);
  EXPECT_EQ(instance.experts.load.at(1, 0), 40);  // the sum over micro-steps
  EXPECT_EQ(instance.transient_columns(), 0);
  EXPECT_TRUE(instance.sources.empty());
  EXPECT_EQ(instance.communication.copies, Copies::per_replica);
  EXPECT_EQ(instance.communication.overlap, Overlap::none);
  EXPECT_EQ(instance.schedule, (std::vector<ScheduledPass>{{Pass::forward, 0}, {Pass::forward, 1}}));
  EXPECT_FALSE(instance.gradient_return);
  EXPECT_EQ(instance.backward_ratio, 2.0);
  EXPECT_EQ(write_instance(read_golden("defaults_spelled_out")), write_instance(instance));
}

TEST(StepJson, EveryKeyArrives) {
  const StepInstance instance = read_golden("everything");
  EXPECT_EQ(instance.experts.name, "everything");
  EXPECT_EQ(instance.experts.cost.other_seconds, 0.5);
  EXPECT_EQ(instance.backward_ratio, 1.75);
  EXPECT_EQ(instance.transient_slots, 1);
  EXPECT_EQ(instance.transient_pool_slots, 0);
  EXPECT_EQ(instance.experts.limits.max_moves, 9);
  EXPECT_EQ(instance.experts.limits.max_moves_per_device, 3);
  EXPECT_EQ(instance.experts.move_seconds, 0.25);
  ASSERT_TRUE(instance.experts.placement.has_value());
  EXPECT_EQ(instance.experts.placement->columns(), 8U);  // base slots only
  ASSERT_EQ(instance.sources.size(), 2U);
  ASSERT_EQ(instance.sources[1].size(), 2U);
  EXPECT_EQ(instance.sources[1][0].rows(), 4U);
  EXPECT_EQ(instance.sources[1][0].at(3, 3), 1);  // token 3
  EXPECT_EQ(instance.sources[1][0].at(3, 1), 0);
  const StepCommunication& communication = instance.communication;
  EXPECT_EQ(communication.copies, Copies::per_node);
  EXPECT_EQ(communication.overlap, Overlap::full);
  EXPECT_EQ(communication.routes_per_token, 2);
  ASSERT_EQ(communication.routes.size(), 24U);
  EXPECT_EQ(communication.routes[4 * 4 + 2], 2);  // token 4, layer 1, its first expert
  EXPECT_EQ(communication.routes[4 * 4 + 3], 3);
  EXPECT_EQ(communication.route_source, (std::vector<int>{0, 1, 2, 3, 0, 1}));
  EXPECT_EQ(communication.route_microstep, (std::vector<int>{0, 0, 0, 1, 1, 1}));
  EXPECT_EQ(instance.schedule, (std::vector<ScheduledPass>{
                                   {Pass::forward, 0}, {Pass::forward, 1}, {Pass::backward, 0}, {Pass::backward, 1}}));
  EXPECT_TRUE(instance.gradient_return);
}

TEST(StepJson, WithGradientsEveryMicroStepGoesBackwardAtOnce) {
  EXPECT_EQ(
      read_golden("gradients").schedule,
      (std::vector<ScheduledPass>{{Pass::forward, 0}, {Pass::backward, 0}, {Pass::forward, 1}, {Pass::backward, 1}}));
  EXPECT_EQ(read_golden("pool").transient_pool_slots, 1);
}

TEST(StepJson, FilesStandForTheArraysAndCountInTheIdentity) {
  const common::Document document = common::read_document(golden("experts/valid/step_npy_sources.json").string());
  const StepInstance instance = read_instance(document);
  const StepInstance inline_one = read_golden("sources");
  EXPECT_EQ(instance.load, inline_one.load);
  EXPECT_EQ(instance.sources, inline_one.sources);
  ASSERT_EQ(document.attachments.contents.size(), 2U);
  const std::string identity = common::identity(document);
  read_instance(document);
  EXPECT_EQ(common::identity(document), identity);
  document.attachments.contents.front().back() ^= 1;
  EXPECT_NE(common::identity(document), identity);
  EXPECT_EQ(read_golden("npy_routes").communication.routes, read_golden("per_device").communication.routes);
}

TEST(StepJson, HugeSizesAreRefusedBeforeMemoryIsTaken) {
  const std::string head = R"({"plimsoll": 1, "problem": "experts", "model": {"layers": 1000, "experts": 50000}, )";
  EXPECT_THROW(
      read_text(head + R"("cluster": {"nodes": 1, "devices_per_node": 1, "slots": 1}, "microsteps": [[], []]})"),
      Error);
  EXPECT_THROW(
      read_text(
          R"({"plimsoll": 1, "problem": "experts", "model": {"layers": 1, "experts": 100}, "microsteps": [[[]]],
              "cluster": {"nodes": 1000000, "devices_per_node": 1, "slots": 1}, "sources": [[[]]]})"),
      Error);
}

class ValidStep : public ::testing::TestWithParam<std::string> {};

TEST_P(ValidStep, IsReadAndSurvivesWriting) {
  const StepInstance instance = read_path(GetParam());
  const std::string text = write_instance(instance);
  const StepInstance again = read_text(text);
  EXPECT_EQ(write_instance(again), text);
  EXPECT_EQ(again.load, instance.load);
  EXPECT_EQ(again.experts.load, instance.experts.load);
  EXPECT_EQ(again.experts.placement, instance.experts.placement);
  EXPECT_EQ(again.experts.cluster.slots, instance.experts.cluster.slots);
  EXPECT_EQ(again.transient_slots, instance.transient_slots);
  EXPECT_EQ(again.transient_pool_slots, instance.transient_pool_slots);
  EXPECT_EQ(again.sources, instance.sources);
  EXPECT_EQ(again.communication.copies, instance.communication.copies);
  EXPECT_EQ(again.communication.overlap, instance.communication.overlap);
  EXPECT_EQ(again.communication.routes, instance.communication.routes);
  EXPECT_EQ(again.communication.route_source, instance.communication.route_source);
  EXPECT_EQ(again.communication.route_microstep, instance.communication.route_microstep);
  EXPECT_EQ(again.schedule, instance.schedule);
  EXPECT_EQ(again.gradient_return, instance.gradient_return);
  EXPECT_EQ(again.backward_ratio, instance.backward_ratio);
}

INSTANTIATE_TEST_SUITE_P(Golden, ValidStep, ::testing::ValuesIn(documents_in("experts/valid", true)),
                         [](const auto& info) { return testing::stem_of(info.param); });

void expect_refusal(const Refusal& refusal, const std::function<void()>& action) {
  try {
    action();
    ADD_FAILURE() << "was read";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::input);
    EXPECT_EQ(error.pointer(), refusal.pointer) << error.what();
    EXPECT_NE(std::string(error.what()).find(refusal.message), std::string::npos) << error.what();
    EXPECT_TRUE(testing::is_one_line(error.what())) << error.what();
    EXPECT_TRUE(error.advice().empty() || error.advice().substr(0, 6) == "Maybe ") << error.advice();
  }
}

class InvalidStep : public ::testing::TestWithParam<Refusal> {};

TEST_P(InvalidStep, IsRefusedInOneLine) {
  expect_refusal(GetParam(), [] { read_path(GetParam().file); });
}

INSTANTIATE_TEST_SUITE_P(Golden, InvalidStep, ::testing::ValuesIn(refusals_in("experts/invalid", true)),
                         [](const auto& info) { return testing::stem_of(info.param.file); });

class StepPlans : public ::testing::Test {
 protected:
  StepPlan read(const support::Json& json) const {
    common::read_envelope(json, "experts", common::identity(document_));
    return read_plan(json, instance_);
  }
  StepPlan read_valid(const std::string& name) const {
    return read(common::read_document(golden("experts/plans/valid/step_" + name + ".json").string()).json);
  }

  common::Document document_ = common::read_document(golden("experts/plans/instance_step.json").string());
  StepInstance instance_ = read_instance(document_);
};

TEST_F(StepPlans, EveryKeyArrives) {
  const StepPlan plan = read_valid("feasible");
  ASSERT_EQ(plan.base.columns(), 12U);
  EXPECT_EQ(std::vector<int>(plan.base.row(0).begin(), plan.base.row(0).end()),
            (std::vector<int>{0, -1, -1, 1, -1, -1, 2, -1, -1, 3, -1, -1}));
  ASSERT_EQ(plan.microsteps.size(), 2U);
  EXPECT_EQ(plan.microsteps[0].slots.at(0, 8), 0);
  EXPECT_EQ(plan.microsteps[0].shares.at(0, 8), 0.5);
  EXPECT_TRUE(plan.microsteps[0].tokens.empty());
  ASSERT_EQ(plan.transfers.size(), 1U);
  EXPECT_EQ(plan.transfers[0], (Transfer{TransferKind::weights, 0, 0, 0, true, 1, 2, 0, 4.01}));
  EXPECT_EQ(read_valid("base_columns").base, plan.base);
  const std::vector<Transfer> two = read_valid("gradient").transfers;
  ASSERT_EQ(two.size(), 2U);
  EXPECT_EQ(two[0], (Transfer{TransferKind::gradient, 0, 0, 0, false, 2, 0, -1.5, 1e300}));
  EXPECT_EQ(two[1], (Transfer{TransferKind::weights, 1, 1, 3, true, 0, 3, 0.25, 0.5}));
}

TEST_F(StepPlans, ATransientColumnMayStandForTheWholeStep) {
  StepPlan plan = read_valid("feasible");
  EXPECT_NE(write_plan_object(plan, instance_).find("[0, -1, 1, -1, 2, -1, 3, -1]"), std::string::npos);
  plan.base.at(1, 5) = 3;
  const std::string text = "{\"plan\": " + write_plan_object(plan, instance_) + "}";
  EXPECT_NE(text.find("[0, -1, -1, 1, -1, 3, 2, -1, -1, 3, -1, -1]"), std::string::npos);
  EXPECT_EQ(read_plan(support::parse(text), instance_), plan);
}

TEST_F(StepPlans, TransfersStandOnOneLineEach) {
  const std::string text = write_plan_object(read_valid("gradient"), instance_);
  EXPECT_NE(text.find("\n    {\"kind\": \"gradient\", \"microstep\": 0, \"layer\": 0, \"expert\": 0, \"from\": 2, "
                      "\"to\": 0, \"start_seconds\": -1.5, \"end_seconds\": 1e+300},\n"
                      "    {\"microstep\": 1, \"layer\": 1, \"expert\": 3, \"from\": \"host:0\", \"to\": 3, "
                      "\"start_seconds\": 0.25, \"end_seconds\": 0.5}\n  ]"),
            std::string::npos)
      << text;
}

TEST_F(StepPlans, ValidOnesAreReadAndSurviveWriting) {
  for (const std::string& path : documents_in("experts/plans/valid", true)) {
    SCOPED_TRACE(path);
    const StepPlan plan = read(common::read_document(path).json);
    const std::string written = "{\"plan\": " + write_plan_object(plan, instance_) + "}";
    EXPECT_EQ(read_plan(support::parse(written), instance_), plan);
  }
}

TEST_F(StepPlans, InvalidOnesAreRefusedInOneLine) {
  EXPECT_GT(refusals_in("experts/plans/invalid", true).size(), 30U);
  for (const Refusal& refusal : refusals_in("experts/plans/invalid", true)) {
    SCOPED_TRACE(refusal.file);
    expect_refusal(refusal, [&] { read(common::read_document(refusal.file).json); });
  }
}

TEST_F(StepPlans, MetricsAreThoseOfTheFormat) {
  StepMetrics metrics;
  metrics.imbalance = 1.25;
  metrics.moves = 3;
  metrics.transfers = 4;
  metrics.transferred_bytes = 5.5;
  metrics.expert_seconds = 6;
  metrics.exposed_seconds = 0.25;
  metrics.step_seconds = 7;
  const support::Json file = support::parse("{\"metrics\": " + write_metrics(metrics) + "}");
  const std::vector<ClaimedMetric> claims = read_metrics(file, metrics);
  EXPECT_EQ(claims.size(), 9U);
  for (const ClaimedMetric& claim : claims) EXPECT_EQ(claim.claimed, claim.computed) << claim.key;
  metrics.exposed_seconds = 0.5;
  const auto differing = read_metrics(file, metrics);
  EXPECT_EQ(std::count_if(differing.begin(), differing.end(),
                          [](const ClaimedMetric& claim) { return claim.claimed != claim.computed; }),
            1);
  EXPECT_TRUE(read_metrics(support::parse("{\"metrics\": null}"), metrics).empty());
}

TEST_F(StepPlans, DamagedOnesAreReadOrRefused) {
  const std::vector<std::string> paths = documents_in("experts/plans/valid", true);
  int refused = 0;
  for (std::size_t i = 0; i < 400; ++i) {
    const std::string& path = paths[i % paths.size()];
    SCOPED_TRACE(path + " with damage " + std::to_string(i));
    const std::string text = testing::Damage(i).apply(support::read_file(path));
    refused += testing::refuses([&] { read(support::parse(text)); });
  }
  EXPECT_GT(refused, 200);
}

TEST(StepCorruption, DamagedInstancesAreReadOrRefused) {
  const std::vector<std::string> valid = documents_in("experts/valid", true);
  const std::vector<std::string> invalid = documents_in("experts/invalid", true);
  int refused = 0;
  int read = 0;
  for (std::size_t i = 0; i < 2000; ++i) {
    const std::string& path = i % 5 == 0 ? invalid[i / 5 % invalid.size()] : valid[i % valid.size()];
    const std::string text = testing::Damage(i).apply(support::read_file(path));
    SCOPED_TRACE(path + " with damage " + std::to_string(i));
    const bool was_refused = testing::refuses([&] {
      common::Document document;
      document.attachments.folder = golden("experts/valid");
      document.json = support::parse(text);
      const StepInstance instance = read_instance(document);
      const std::string written = write_instance(instance);
      document.json = support::parse(written);
      EXPECT_EQ(write_instance(read_instance(document)), written);
    });
    ++(was_refused ? refused : read);
  }
  EXPECT_GT(refused, 300);
  EXPECT_GT(read, 10);
}

}  // namespace
}  // namespace plimsoll::experts::step
