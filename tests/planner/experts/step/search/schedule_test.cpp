// Whatever is scheduled is a plan that the evaluation accepts, and nobody waits without need.
#include "planner/experts/step/search/schedule.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "planner/experts/step/evaluate.hpp"
#include "planner/experts/step/search/scheduler.hpp"
#include "planner/experts/step/search/shares.hpp"
#include "support/random.hpp"
#include "tests/planner/experts/step/random_step.hpp"
#include "tests/planner/experts/step/random_step_plan.hpp"
#include "tests/planner/experts/step/search/two_nodes.hpp"

namespace plimsoll::experts::step {
namespace {

// The replicas of the plan, scheduled anew.
std::optional<StepPlan> again(const StepInstance& step, const StepPlan& plan) {
  const Prepared prepared(step);
  support::Meter meter(1'000'000'000, {}, nullptr);
  auto result = schedule(prepared, plan.base, plan.microsteps, meter);
  EXPECT_GT(meter.work(), 0U);
  return result;
}

// A device gets the same expert in two transient slots at once.
bool doubled(const StepInstance& step, const StepPlan& plan) {
  const testing::StepColumns columns(step);
  for (const ExpertPlan& microstep : plan.microsteps) {
    for (std::size_t layer = 0; layer < plan.base.rows(); ++layer) {
      for (std::size_t column = 1; column < columns.count(); ++column) {
        if (plan.base.at(layer, column) >= 0 || microstep.slots.at(layer, column) < 0) continue;
        for (std::size_t other = 0; other < column; ++other) {
          if (columns.device_of[other] != columns.device_of[column] || plan.base.at(layer, other) >= 0) continue;
          if (microstep.slots.at(layer, other) == microstep.slots.at(layer, column)) return true;
        }
      }
    }
  }
  return false;
}

struct Counts {
  int plans = 0;
  int transfers = 0;
  int later = 0;  // than the naive plan
};

void compare(const StepInstance& step, std::uint64_t seed, Counts& counts) {
  const auto naive = testing::random_step_plan(step, seed);
  if (!naive || !evaluate(step, *naive).violations.empty() || doubled(step, *naive)) return;
  SCOPED_TRACE("seed " + std::to_string(seed));
  const auto plan = again(step, *naive);
  ASSERT_TRUE(plan.has_value());
  const Evaluation evaluation = evaluate(step, *plan);
  ASSERT_TRUE(evaluation.violations.empty()) << evaluation.violations.front();
  EXPECT_EQ(plan->transfers.size(), naive->transfers.size());
  ++counts.plans;
  counts.transfers += static_cast<int>(plan->transfers.size());
  counts.later += evaluation.objective > evaluate(step, *naive).objective * (1 + 1e-9) ? 1 : 0;
  EXPECT_EQ(*again(step, *naive), *plan);
}

TEST(Schedule, OfRandomReplicasIsAccepted) {
  Counts counts;
  for (std::uint64_t seed = 0; seed < 1500; ++seed) compare(testing::tiny_step(seed), seed, counts);
  for (std::uint64_t seed = 0; seed < 300; ++seed) compare(testing::medium_step(seed), seed, counts);
  RecordProperty("plans", counts.plans);
  RecordProperty("transfers", counts.transfers);
  RecordProperty("later", counts.later);
  EXPECT_GE(counts.plans, 600);
  EXPECT_GE(counts.transfers, 4000);
  EXPECT_LE(counts.later * 10, counts.plans);
}

// What is tried and taken back leaves no trace: the same offers as without, bit for bit, to the end.
TEST(Schedule, TakingBackLeavesNoTrace) {
  int undone = 0;
  int gradients = 0;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    const StepInstance step = testing::medium_step(seed);
    const auto naive = testing::random_step_plan(step, seed);
    if (!naive || step.transient_columns() == 0) continue;
    SCOPED_TRACE("seed " + std::to_string(seed));
    const Prepared prepared(step);
    const WindowRunner runner(prepared);
    Scheduler plain(prepared, naive->base);
    Scheduler tried(prepared, naive->base);
    support::Random random(seed, 9);
    const auto any = [&] {
      std::vector<Wanted> wanted;
      for (int k = 0; k < 2 * prepared.devices; ++k) {
        const int expert = static_cast<int>(random.below(static_cast<std::size_t>(prepared.experts)));
        const int device = static_cast<int>(random.below(static_cast<std::size_t>(prepared.devices)));
        if (prepared.columns.alive[static_cast<std::size_t>(device)]) wanted.push_back({expert, device, -1});
      }
      return wanted;
    };
    for (const Window& window : prepared.windows) {
      if (window.pass == Pass::forward) {
        const auto wanted = any();
        const auto first = std::span(wanted).first(wanted.size() / 4);
        plain.bring(window.microstep, window.layer, first, plain.ready() + 1.0);
        tried.bring(window.microstep, window.layer, first, tried.ready() + 1.0);
        const Scheduler::Mark mark = tried.mark();
        for (const auto& offer : tried.bring(window.microstep, window.layer, any())) undone += offer ? 1 : 0;
        tried.undo_to(mark);
        ASSERT_EQ(tried.ready(), plain.ready());
        const auto rest = std::span(wanted).subspan(first.size());
        plain.bring(window.microstep, window.layer, rest, plain.ready());
        tried.bring(window.microstep, window.layer, rest, tried.ready());
        // Taken back and booked again as it was.
        const std::vector<Offer> offers = tried.booked_since(mark);
        tried.undo_to(mark);
        for (const Offer& offer : offers) tried.book(offer);
      }
      const ExpertPlan& plan = naive->microsteps[static_cast<std::size_t>(window.microstep)];
      runner.run_next(plan, plain);
      runner.run_next(plan, tried);
      ASSERT_EQ(tried.clock(), plain.clock());
    }
    ASSERT_EQ(tried.finish(), plain.finish());
    const auto transfers = plain.take();
    ASSERT_EQ(tried.take(), transfers);
    if (step.sources.empty()) continue;
    gradients += static_cast<int>(std::count_if(
        transfers.begin(), transfers.end(), [](const Transfer& each) { return each.kind == TransferKind::gradient; }));
  }
  RecordProperty("undone", undone);
  RecordProperty("gradients", gradients);
  EXPECT_GE(undone, 1000);
  EXPECT_GE(gradients, 20);  // among those that wait for gaps, which a booking may send first
}

TEST(Schedule, NothingWhereAReplicaCannotCome) {
  StepInstance step = testing::two_nodes(1, 1);
  step.experts.cluster.link->nic_bytes_per_second = 0;
  step.experts.cluster.link->host_bytes_per_second = 0;
  const Prepared prepared(step);
  support::Meter meter(1'000'000'000, {}, nullptr);
  ExpertPlan microstep{testing::base_of_two_nodes(1), Matrix<double>(1, 8, 0.0), {}};
  microstep.slots.at(0, 5) = 0;  // from another node
  share_evenly(prepared, 0, 0, microstep);
  EXPECT_FALSE(schedule(prepared, testing::base_of_two_nodes(1), {microstep}, meter).has_value());
  microstep.slots.at(0, 5) = 3;
  share_evenly(prepared, 0, 0, microstep);
  const auto plan = schedule(prepared, testing::base_of_two_nodes(1), {microstep}, meter);
  ASSERT_TRUE(plan.has_value());
  EXPECT_EQ(evaluate(step, *plan).metrics.exposed_seconds, 1.0);
}

// Two layers of a pool whose only slot each device needs again: the second layer waits for the first one's windows.
TEST(Schedule, WaitsForASlotOfThePool) {
  StepInstance step = testing::two_nodes(1, 2);
  step.transient_slots = 0;
  step.transient_pool_slots = 1;
  const Prepared prepared(step);
  support::Meter meter(1'000'000'000, {}, nullptr);
  ExpertPlan microstep{testing::base_of_two_nodes(2), Matrix<double>(2, 8, 0.0), {}};
  microstep.slots.at(0, 1) = 1;
  microstep.slots.at(1, 1) = 1;
  for (int layer = 0; layer < 2; ++layer) share_evenly(prepared, 0, layer, microstep);
  const auto plan = schedule(prepared, testing::base_of_two_nodes(2), {microstep}, meter);
  ASSERT_TRUE(plan.has_value());
  const Evaluation evaluation = evaluate(step, *plan);
  ASSERT_TRUE(evaluation.violations.empty()) << evaluation.violations.front();
  // Device 0 serves 1.5 tokens: windows from 1 to 2.5 and from 3.5 to 5.
  EXPECT_EQ(evaluation.metrics.exposed_seconds, 2.0);
  EXPECT_EQ(evaluation.metrics.step_seconds, 5.0);
}

}  // namespace
}  // namespace plimsoll::experts::step
