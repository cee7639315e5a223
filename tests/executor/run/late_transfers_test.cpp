// Transfers that come late are waited for and counted; what is computed stays the same.
#include <gtest/gtest.h>

#include "executor/run/run_summary.hpp"
#include "executor/telemetry/trace.hpp"
#include "support/json.hpp"
#include "tests/executor/run/run_fixture.hpp"

namespace plimsoll::executor {
namespace {

// One device with one transient slot, into which expert 1 comes for each of two micro-steps.
Step two_arrivals(const Sizes& sizes) {
  Step step;
  step.instance.experts = instance_of(sizes);
  step.instance.transient_slots = 1;
  step.instance.load.assign(2, Matrix<double>(1, 2, 6.0));
  step.plan.base = Matrix<int>(1, 4, std::vector<int>{0, -1, 1, -1});
  ExpertPlan rows;
  rows.slots = Matrix<int>(1, 4, std::vector<int>{0, 1, 1, -1});
  rows.shares = Matrix<double>(1, 4, std::vector<double>{1, 0.5, 0.5, 0});
  step.plan.microsteps.assign(2, rows);
  step.plan.transfers = {
      {.microstep = 0, .expert = 1, .from_host = true, .start_seconds = 0, .end_seconds = 0.1 * unit},
      {.microstep = 1, .expert = 1, .from = 1, .start_seconds = 2.1 * unit, .end_seconds = 2.2 * unit}};
  return step;
}

TEST(LateTransfers, AreWaitedForAndCounted) {
  const Sizes sizes{
      .devices_per_node = 2, .base_slots = 1, .transient_slots = 1, .layers = 1, .experts = 2, .microsteps = 2};
  const Step step = two_arrivals(sizes);
  const RunPlan plan = step_run(step);
  ASSERT_EQ(plan.transfers.size(), 2U);
  const ModelShape shape = small_shape(sizes);
  Rig rig(plan, shape, {2, 2});
  const std::string expected = rig.unplanned_output();
  Cluster links = cluster_of(sizes);
  // A copy takes 50 ms of the link, a window some microseconds.
  const double rate = static_cast<double>(rig.weights().expert_bytes()) / 0.05;
  links.link = Link{rate, rate, rate, 0};
  Recorder recorder(1000);
  const RunResult result = rig.run({.links = &links}, &recorder);
  EXPECT_EQ(result.output_sha256, expected);
  ASSERT_EQ(result.windows.size(), 2U);
  for (std::size_t t = 0; t < 2; ++t) {
    const WindowTimes& window = result.windows[at(plan.transfers[t].needed_by)];
    EXPECT_GT(window.waited, 0);
    EXPECT_GE(window.start, result.transfers[t].end);
    EXPECT_GE(result.transfers[t].end - result.transfers[t].start, 0.04);
  }
  // The slot is written again only when the window that computed with it is over.
  EXPECT_GE(result.transfers[1].start, result.windows[0].start + result.windows[0].seconds);
  const RunSummary summary = summarise(plan, result, shape, rig.weights().expert_bytes(), rig.seats());
  EXPECT_EQ(summary.transfers.count, 2U);
  EXPECT_EQ(summary.transfers.late, 2U);
  EXPECT_GT(summary.transfers.latest, 0);
  EXPECT_DOUBLE_EQ(summary.transfers.waited, result.windows[0].waited + result.windows[1].waited);
  EXPECT_LT(summary.transfers.hidden(), summary.transfers.planned_hidden());
  EXPECT_NE(support::parse(trace_json(recorder)).find("traceEvents"), nullptr);
}

TEST(LateTransfers, WaitingThatIsPlannedIsNotLate) {
  const Sizes sizes{
      .devices_per_node = 2, .base_slots = 1, .transient_slots = 1, .layers = 1, .experts = 2, .microsteps = 2};
  const Step step = two_arrivals(sizes);
  Prediction prediction = step.prediction();
  prediction.waited = {unit, unit};
  const RunPlan plan = run_plan(step.instance, step.plan, prediction, {});
  RunResult result;
  result.windows.resize(2);
  result.windows[0].start = result.windows[0].waited = 1;
  result.windows[1].start = 3;
  result.windows[1].waited = 1;
  for (WindowTimes& window : result.windows) window.device_seconds = {0, 0};
  result.transfers = {{0, 1, 0}, {2, 3, 0}};
  const RunSummary summary = summarise(plan, result, small_shape(sizes), 1000, 1);
  EXPECT_EQ(summary.transfers.late, 0U);
  EXPECT_DOUBLE_EQ(summary.transfers.waited, 2);
  EXPECT_DOUBLE_EQ(summary.transfers.planned_exposed, 4 * unit);  // two devices take turns on one seat
}

}  // namespace
}  // namespace plimsoll::executor
