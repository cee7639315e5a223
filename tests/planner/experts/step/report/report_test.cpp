// The page about a plan of a step: complete, well-formed, small, and with the numbers of the evaluation.
#include "planner/experts/step/report/report.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "planner/experts/step/bound.hpp"
#include "planner/experts/step/report/link_use.hpp"
#include "planner/experts/step/report/waiting.hpp"
#include "planner/experts/step/search/shares.hpp"
#include "planner/experts/step/windows.hpp"
#include "support/json_text.hpp"
#include "tests/markup.hpp"

namespace plimsoll::experts::step {
namespace {

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

// Two nodes of two devices, two experts each, a transient slot; expert 0 is hot in the second micro-step. Rates are
// such that a transfer takes 10 seconds inside a node, 40 between nodes and 100 from the host.
StepInstance small() {
  StepInstance instance;
  ExpertInstance& experts = instance.experts;
  experts.name = "small <step>";
  experts.model.layers = 1;
  experts.model.experts = 4;
  experts.model.expert_bytes = 1000;
  experts.cluster.nodes = 2;
  experts.cluster.devices_per_node = 2;
  experts.cluster.slots.assign(4, 1);
  experts.cluster.speed.assign(4, 1.0);
  experts.cluster.link = Link{100, 25, 10, 0};
  experts.cost.other_seconds = 5;
  instance.load = {Matrix<double>(1, 4, {10, 10, 10, 10}), Matrix<double>(1, 4, {80, 0, 0, 0})};
  experts.load = Matrix<double>(1, 4, {90, 10, 10, 10});
  instance.transient_slots = 1;
  instance.schedule = default_schedule(2, false);
  return instance;
}

// Expert 0 goes to devices 1 (from device 0) and 2 (between nodes, from device 1 as soon as it is there).
StepPlan small_plan(const Prepared& prepared) {
  StepPlan plan;
  plan.base = Matrix<int>(1, 8, {0, -1, 1, -1, 2, -1, 3, -1});
  for (int microstep = 0; microstep < 2; ++microstep) {
    ExpertPlan& part = plan.microsteps.emplace_back();
    part.slots = plan.base;
    if (microstep == 1) {
      part.slots.at(0, 3) = 0;
      part.slots.at(0, 5) = 0;
    }
    part.shares = Matrix<double>(1, 8, 0.0);
    RowShares(prepared).share(microstep, 0, part);
  }
  plan.transfers = {{TransferKind::weights, 1, 0, 0, false, 0, 1, 0, 10},
                    {TransferKind::weights, 1, 0, 0, false, 1, 2, 10, 50}};
  return plan;
}

struct Setting {
  StepInstance instance = small();
  Prepared prepared{instance};
  StepPlan plan = small_plan(prepared);
  Certificate certificate;

  Setting() {
    certificate.status = Status::feasible;
    certificate.bound = 40;
    certificate.bound_method = "area";
    certificate.method = "hand <made>";
  }
  [[nodiscard]] Story story() const {
    return {prepared,
            plan,
            certificate,
            evaluate(instance, plan),
            evaluate(instance, base_alone(prepared, plan)),
            quick_bounds(prepared).seconds,
            ideal_seconds(prepared)};
  }
};

std::string data_of(double value) { return "<data value=\"" + support::number_text(value) + "\">"; }

TEST(StepReport, HasTheNumbersOfTheEvaluation) {
  const Setting setting;
  const Evaluation evaluation = evaluate(setting.instance, setting.plan);
  ASSERT_TRUE(evaluation.violations.empty()) << evaluation.violations.front();
  // Windows of 10 + 5 and 80 / 3 + 5 seconds, and 35 seconds of waiting for the second transfer.
  EXPECT_NEAR(evaluation.metrics.exposed_seconds, 35, 1e-9);
  EXPECT_NEAR(evaluation.objective, 15 + 35 + 80.0 / 3 + 5, 1e-6);
  const common::PlanReport made = report(setting.instance, setting.plan, setting.certificate, "abc");
  EXPECT_TRUE(made.violations.empty());
  test::MarkupReader reader(made.html);
  EXPECT_EQ(reader.fault(), "");
  for (const double value :
       {evaluation.objective, 40.0, evaluation.metrics.imbalance, evaluation.metrics.exposed_seconds, 2.0}) {
    EXPECT_TRUE(has(made.html, data_of(value))) << value;
  }
  EXPECT_TRUE(has(made.html, "small &lt;step&gt;"));
  EXPECT_TRUE(has(made.html, "hand &lt;made&gt;"));
  EXPECT_TRUE(has(made.html, "SHA-256 abc"));
  EXPECT_TRUE(has(made.html, "81.67 s")) << "the objective in words";
}

TEST(StepReport, NeedsNothingElse) {
  const Setting setting;
  const std::string html = report(setting.instance, setting.plan, setting.certificate, "").html;
  test::MarkupReader reader(html);
  ASSERT_EQ(reader.fault(), "");
  for (const std::string& name : reader.names()) {
    EXPECT_TRUE(name != "link" && name != "img" && name != "iframe" && name != "use") << name;
  }
  for (const std::string& value : reader.values()) {
    if (value.rfind("http://www.w3.org/", 0) == 0) continue;  // names of the markup, not addresses
    EXPECT_EQ(value.find("//"), std::string::npos) << value;
  }
  EXPECT_FALSE(has(html, "url("));
  EXPECT_FALSE(has(html, "nan"));
  EXPECT_EQ(report(setting.instance, setting.plan, setting.certificate, "").html, html);
}

TEST(StepReport, BeforeIsTheBaseAloneInEqualParts) {
  const Setting setting;
  const Story story = setting.story();
  ASSERT_TRUE(story.before.violations.empty());
  EXPECT_EQ(story.before.metrics.transfers, 0);
  // All 80 tokens on device 0.
  EXPECT_NEAR(story.before.objective, 15 + 80 + 5, 1e-9);
}

TEST(StepReport, TheTimeIsTheSumOfItsParts) {
  const Setting setting;
  const Story story = setting.story();
  const Breakdown parts = break_down(setting.prepared, story.after);
  EXPECT_NEAR(parts.balanced, 10 + 20, 1e-9);
  EXPECT_NEAR(parts.imbalance, 80.0 / 3 - 20, 1e-6);
  EXPECT_NEAR(parts.other, 10, 1e-9);
  EXPECT_NEAR(parts.exposed, 35, 1e-9);
  EXPECT_NEAR(parts.balanced + parts.imbalance + parts.communication + parts.other + parts.exposed + parts.moves,
              story.after.objective, 1e-9);
}

TEST(StepReport, LinksAndWhatTheyCarry) {
  const Setting setting;
  const Story story = setting.story();
  const std::vector<LinkUse> uses = use_of_links(story);
  std::vector<std::string> names;
  for (const LinkUse& use : uses) names.push_back(name_of_link(setting.instance, use.link));
  EXPECT_EQ(names, (std::vector<std::string>{"device 0 out", "device 1 in", "NIC 1 out", "NIC 2 in"}));
  EXPECT_NEAR(uses[0].busy_seconds, 10, 1e-12);
  EXPECT_NEAR(uses[0].exposed_seconds, 0, 1e-12);
  // The window before ends at 15, the transfer at 50.
  EXPECT_NEAR(uses[3].busy_seconds, 40, 1e-12);
  EXPECT_NEAR(uses[3].exposed_seconds, 35, 1e-9);
  EXPECT_EQ(node_of_link(setting.instance, uses[3].link), 1);
}

Cause cause_of(const Setting& setting) {
  const Story story = setting.story();
  const auto found = waitings(story);
  EXPECT_EQ(found.size(), 1U);
  return found.empty() ? Cause::other : found.front().cause;
}

TEST(StepReport, WhatWaitingComesFrom) {
  Setting setting;
  EXPECT_EQ(cause_of(setting), Cause::source_late);
  setting.plan.transfers[1].from = 0;
  setting.plan.transfers[1].end_seconds = 50;
  // Now nothing holds it up.
  EXPECT_EQ(cause_of(setting), Cause::other);
  setting.plan.transfers[1].start_seconds = 0;
  setting.plan.transfers[1].end_seconds = 40;
  EXPECT_EQ(cause_of(setting), Cause::step_begins);
  // Another transfer out of the same port just before.
  setting.plan.transfers[1] = {TransferKind::weights, 1, 0, 0, true, 1, 2, 0, 100};
  EXPECT_EQ(cause_of(setting), Cause::step_begins);
  setting.plan.microsteps[1].slots.at(0, 7) = 0;
  setting.plan.transfers[1] = {TransferKind::weights, 1, 0, 0, false, 0, 2, 0, 40};
  setting.plan.transfers.push_back({TransferKind::weights, 1, 0, 0, false, 0, 3, 40, 80});
  const Story story = setting.story();
  ASSERT_TRUE(story.after.violations.empty()) << story.after.violations.front();
  const auto found = waitings(story);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found.front().cause, Cause::link_busy);
  EXPECT_EQ(name_of_link(setting.instance, found.front().link), "NIC 0 out");
  EXPECT_NEAR(found.front().seconds, 65, 1e-9);
  EXPECT_EQ(found.front().path, PathKind::between);
  const auto sums = sums_of(found);
  ASSERT_EQ(sums.size(), 1U);
  EXPECT_NEAR(sums.front().seconds, 65, 1e-9);
}

TEST(StepReport, ABrokenPlanIsShownAsSuch) {
  Setting setting;
  setting.plan.transfers[1].end_seconds = 20;  // faster than the link
  common::PlanReport made = report(setting.instance, setting.plan, setting.certificate, "");
  EXPECT_FALSE(made.violations.empty());
  EXPECT_EQ(test::markup_fault(made.html), "");
  EXPECT_TRUE(has(made.html, "1 fault"));
  setting.plan.microsteps.pop_back();
  made = report(setting.instance, setting.plan, setting.certificate, "");
  EXPECT_FALSE(made.violations.empty());
  EXPECT_EQ(test::markup_fault(made.html), "");
  EXPECT_TRUE(has(made.html, "too broken"));
}

// 64 devices, 48 layers, 16 micro-steps: every device gets a transient replica in every third window.
TEST(StepReport, LargeStepsGiveSmallPages) {
  StepInstance instance;
  ExpertInstance& experts = instance.experts;
  constexpr int layers = 48;
  constexpr int devices = 64;
  constexpr int microsteps = 16;
  experts.model.layers = layers;
  experts.model.experts = devices;
  experts.model.expert_bytes = 9.4e6;
  experts.cluster.nodes = 8;
  experts.cluster.devices_per_node = 8;
  experts.cluster.slots.assign(devices, 1);
  experts.cluster.speed.assign(devices, 1.0);
  experts.cluster.link = Link{3.7e11, 5e10, 2.5e10, 5e-6};
  experts.cost.token_seconds = 1.6e-8;
  experts.load = Matrix<double>(layers, devices, 0.0);
  std::uint32_t state = 12345;
  for (int m = 0; m < microsteps; ++m) {
    Matrix<double>& load = instance.load.emplace_back(layers, devices, 0.0);
    for (std::size_t l = 0; l < layers; ++l) {
      for (std::size_t e = 0; e < devices; ++e) {
        state = state * 1664525U + 1013904223U;
        load.at(l, e) = 2000 + static_cast<double>(state >> 16U) / 4;
        experts.load.at(l, e) += load.at(l, e);
      }
    }
  }
  instance.transient_slots = 1;
  instance.schedule = default_schedule(microsteps, false);
  const Prepared prepared(instance);
  StepPlan plan;
  plan.base = Matrix<int>(layers, static_cast<std::size_t>(2 * devices), -1);
  for (std::size_t l = 0; l < layers; ++l) {
    for (int d = 0; d < devices; ++d) plan.base.at(l, static_cast<std::size_t>(2 * d)) = d;
  }
  const double hop = 5e-6 + 9.4e6 / 3.7e11;
  double now = 0;
  for (int m = 0; m < microsteps; ++m) {
    ExpertPlan& part = plan.microsteps.emplace_back();
    part.slots = plan.base;
    part.shares = Matrix<double>(plan.base.rows(), plan.base.columns(), 0.0);
    for (int l = 0; l < layers; ++l) {
      if ((m * layers + l) % 3 == 0) {
        for (int d = 0; d < devices; ++d) {
          const int from = d / 8 * 8 + (d + 1) % 8;
          part.slots.at(static_cast<std::size_t>(l), static_cast<std::size_t>(2 * d + 1)) = from;
          plan.transfers.push_back({TransferKind::weights, m, l, from, false, from, d, now, now + hop});
        }
      }
      share_evenly(prepared, m, l, part);
      now += 4e-4;  // more than a window
    }
  }
  ASSERT_EQ(plan.transfers.size(), 16384U);
  const common::PlanReport made = report(instance, plan, Certificate{}, "");
  EXPECT_TRUE(made.violations.empty()) << made.violations.front();
  EXPECT_EQ(test::markup_fault(made.html), "");
  EXPECT_LT(made.html.size(), 2'000'000U);
  EXPECT_GT(made.html.size(), 100'000U);
}

}  // namespace
}  // namespace plimsoll::experts::step
