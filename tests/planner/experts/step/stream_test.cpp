// Streams: what they answer, put together, is a plan of the whole step that the evaluation accepts.
#include "plimsoll/stream.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "planner/experts/step/evaluate.hpp"
#include "planner/experts/step/windows.hpp"
#include "plimsoll/error.hpp"
#include "tests/planner/experts/step/random_step.hpp"

namespace plimsoll::experts::step {
namespace {

struct Streamed {
  StepPlan plan;
  double end = 0;
  double exposed = 0;
};

Streamed streamed(const StepInstance& past, const StepInstance& step, int lookahead) {
  StepStream stream(past, {lookahead, 1});
  Streamed result;
  result.plan.base = stream.base();
  for (std::size_t m = 0; m < step.load.size(); ++m) {
    const auto answer =
        stream.plan(step.load[m], step.sources.empty() ? std::vector<Matrix<double>>{} : step.sources[m]);
    EXPECT_EQ(answer.microstep, static_cast<int>(m));
    result.plan.microsteps.push_back(answer.plan);
    result.plan.transfers.insert(result.plan.transfers.end(), answer.transfers.begin(), answer.transfers.end());
    result.end = answer.end_seconds;
    result.exposed += answer.exposed_seconds;
  }
  std::stable_sort(result.plan.transfers.begin(), result.plan.transfers.end(),
                   [](const Transfer& a, const Transfer& b) { return a.start_seconds < b.start_seconds; });
  return result;
}

// In order, so that a stream can run it, and without what a stream of one table cannot carry.
StepInstance in_order(StepInstance step) {
  step.schedule = default_schedule(step.microsteps(), step.gradient_return);
  if (step.gradient_return) step.sources.clear();
  step.communication = {};
  step.experts.placement.reset();
  step.experts.limits = {};
  step.experts.move_seconds = 0;
  return step;
}

TEST(Stream, AnswersMakeAPlanThatHolds) {
  int streams = 0;
  std::size_t transfers = 0;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const StepInstance step = in_order(testing::StepMaker(seed, {}).make());
    for (const int lookahead : {0, 1, 3}) {
      Streamed result;
      try {
        result = streamed(step, step, lookahead);
      } catch (const Error& error) {
        ASSERT_EQ(error.code(), ErrorCode::unsupported) << "seed " << seed << ": " << error.what();
        continue;
      }
      ++streams;
      transfers += result.plan.transfers.size();
      const Evaluation evaluation = evaluate(step, result.plan);
      ASSERT_TRUE(evaluation.violations.empty())
          << "seed " << seed << ", lookahead " << lookahead << ": " << evaluation.violations.front();
      // The last gradients may still be on their way.
      ASSERT_LE(result.end, evaluation.metrics.step_seconds * (1 + 1e-9)) << "seed " << seed;
    }
  }
  EXPECT_GT(streams, 300);
  EXPECT_GT(transfers, 100U);
}

TEST(Stream, NothingStartsBeforeItsLoadsAreKnown) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const StepInstance step = in_order(testing::StepMaker(seed, {}).make());
    for (const int lookahead : {0, 1}) {
      try {
        StepStream stream(step, {lookahead, 1});
        std::vector<double> starts;
        for (const auto& load : step.load) {
          const auto answer = stream.plan(load);
          starts.push_back(answer.start_seconds);
          const int known = answer.microstep - lookahead;
          for (const Transfer& transfer : answer.transfers) {
            if (transfer.kind == TransferKind::gradient || known < 0) continue;
            EXPECT_GE(transfer.start_seconds, starts[static_cast<std::size_t>(known)]) << "seed " << seed;
          }
        }
      } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::unsupported);
      }
    }
  }
}

TEST(Stream, RefusesWhatIsNoLoadAndGoesOn) {
  const StepInstance step = in_order(testing::StepMaker(3, {}).make());
  StepStream stream(step);
  const auto& good = step.load.front();
  EXPECT_THROW(stream.plan(Matrix<double>(good.rows() + 1, good.columns(), 1.0)), Error);
  Matrix<double> negative = good;
  negative.at(0, 0) = -1;
  EXPECT_THROW(stream.plan(negative), Error);
  EXPECT_EQ(stream.plan(good).microstep, 0);
  EXPECT_EQ(stream.plan(good).microstep, 1);
}

TEST(Stream, RefusesSchedulesOutOfOrder) {
  StepInstance step = in_order(testing::StepMaker(3, {}).make());
  step.load.resize(2, step.load.front());
  step.gradient_return = false;
  step.schedule = {{Pass::forward, 1}, {Pass::forward, 0}};
  try {
    StepStream stream(step);
    FAIL() << "it took a schedule that runs micro-step 1 first";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::unsupported);
    EXPECT_EQ(error.pointer(), "/schedule");
  }
}

}  // namespace
}  // namespace plimsoll::experts::step
