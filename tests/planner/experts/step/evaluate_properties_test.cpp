// What must hold for every valid plan of every random step; and what the plans are like, so that they test something.
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "planner/experts/step/evaluate.hpp"
#include "tests/planner/experts/step/judge_step.hpp"
#include "tests/planner/experts/step/random_step.hpp"
#include "tests/planner/experts/step/random_step_plan.hpp"

namespace plimsoll::experts::step {
namespace {

struct Seen {
  int instances = 0;
  int plans = 0;
  int with_transfers = 0;
  int with_gradients = 0;
  int with_hosts = 0;
  int with_copies_of_copies = 0;
  int with_traffic = 0;
  int with_routes = 0;
  int with_base_in_transient = 0;
  int hidden = 0;  // a transfer that nobody waits for
};

bool from_a_copy(const StepPlan& plan, const testing::StepColumns& columns, const Transfer& transfer) {
  if (transfer.from_host || transfer.kind == TransferKind::gradient) return false;
  for (std::size_t column = 0; column < columns.count(); ++column) {
    if (columns.device_of[column] == transfer.from &&
        plan.base.at(static_cast<std::size_t>(transfer.layer), column) == transfer.expert) {
      return false;
    }
  }
  return true;
}

void count(const StepInstance& step, const StepPlan& plan, const Evaluation& evaluation, Seen& seen) {
  const testing::StepColumns columns(step);
  bool gradients = false;
  bool hosts = false;
  bool copies = false;
  for (const Transfer& transfer : plan.transfers) {
    gradients = gradients || transfer.kind == TransferKind::gradient;
    hosts = hosts || transfer.from_host;
    copies = copies || from_a_copy(plan, columns, transfer);
  }
  bool base_in_transient = false;
  for (std::size_t column = 0; column < columns.count(); ++column) {
    base_in_transient = base_in_transient || (columns.transient[column] && plan.base.at(0, column) >= 0);
  }
  const double compute = std::accumulate(evaluation.window_seconds.begin(), evaluation.window_seconds.end(), 0.0) -
                         evaluation.metrics.expert_seconds;
  ++seen.plans;
  seen.with_transfers += plan.transfers.empty() ? 0 : 1;
  seen.with_gradients += gradients ? 1 : 0;
  seen.with_hosts += hosts ? 1 : 0;
  seen.with_copies_of_copies += copies ? 1 : 0;
  seen.with_traffic += !step.sources.empty() && compute > 1e-6 && step.experts.cost.other_seconds == 0 ? 1 : 0;
  seen.with_routes += step.communication.routes.empty() ? 0 : 1;
  seen.with_base_in_transient += base_in_transient ? 1 : 0;
  seen.hidden += !plan.transfers.empty() && evaluation.metrics.exposed_seconds < 1e-9 ? 1 : 0;
}

void expect_consistent(const StepInstance& step, const StepPlan& plan, const Evaluation& evaluation) {
  const StepMetrics& metrics = evaluation.metrics;
  const double tolerance = 1e-9 * std::max(1.0, metrics.step_seconds);
  const double windows = std::accumulate(evaluation.window_seconds.begin(), evaluation.window_seconds.end(), 0.0);
  const double waited = std::accumulate(evaluation.waited.begin(), evaluation.waited.end(), 0.0);
  EXPECT_NEAR(windows + metrics.exposed_seconds, metrics.step_seconds, tolerance);
  EXPECT_NEAR(evaluation.objective,
              metrics.step_seconds + step.experts.move_seconds * static_cast<double>(metrics.moves), tolerance);
  EXPECT_GE(metrics.exposed_seconds, waited - tolerance);
  EXPECT_GE(metrics.worst_imbalance, metrics.imbalance - 1e-12);
  EXPECT_EQ(metrics.transfers, static_cast<std::int64_t>(plan.transfers.size()));
  EXPECT_EQ(evaluation.window_start.size(), evaluation.window_seconds.size());
  double end = 0;
  for (std::size_t window = 0; window < evaluation.window_start.size(); ++window) {
    EXPECT_GE(evaluation.waited[window], 0);
    EXPECT_NEAR(evaluation.window_start[window], end + evaluation.waited[window], tolerance);
    end = evaluation.window_start[window] + evaluation.window_seconds[window];
  }
  EXPECT_LE(end, metrics.step_seconds + tolerance);
  double latest = 0;
  for (const Transfer& transfer : plan.transfers) latest = std::max(latest, transfer.end_seconds);
  EXPECT_LE(latest, metrics.step_seconds + tolerance);
}

void try_step(const StepInstance& step, std::uint64_t seed, Seen& seen) {
  ++seen.instances;
  const auto plan = testing::random_step_plan(step, seed);
  if (!plan) return;
  const Evaluation evaluation = evaluate(step, *plan);
  ASSERT_EQ(evaluation.violations, std::vector<std::string>{});
  const auto judged = testing::judge_step(step, *plan);
  ASSERT_TRUE(judged.has_value());
  EXPECT_NEAR(*judged, evaluation.objective, 1e-9 * std::max(1.0, *judged));
  expect_consistent(step, *plan, evaluation);
  count(step, *plan, evaluation, seen);
}

TEST(EvaluateStepProperties, ValidPlansHoldAndTheirNumbersAgree) {
  Seen seen;
  for (std::uint64_t seed = 0; seed < 1000 && !::testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("tiny step " + std::to_string(seed));
    try_step(testing::tiny_step(seed), seed, seen);
  }
  for (std::uint64_t seed = 0; seed < 150 && !::testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("medium step " + std::to_string(seed));
    try_step(testing::medium_step(seed), seed, seen);
  }
  EXPECT_GT(seen.plans, seen.instances / 2);
  EXPECT_GT(seen.with_transfers, seen.instances / 4);
  EXPECT_GT(seen.with_gradients, 50);
  EXPECT_GT(seen.with_hosts, 100);
  EXPECT_GT(seen.with_copies_of_copies, 30);
  EXPECT_GT(seen.with_traffic, 60);
  EXPECT_GT(seen.with_routes, 80);
  EXPECT_GT(seen.with_base_in_transient, 50);
  EXPECT_GT(seen.hidden, 20);
}

}  // namespace
}  // namespace plimsoll::experts::step
