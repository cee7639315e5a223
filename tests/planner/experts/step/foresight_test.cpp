// Foresight and robust: plans that the evaluation accepts on every kind of step, the same for any number of threads,
// and close to the bound where micro-steps jump.
#include <gtest/gtest.h>

#include <cmath>

#include "planner/experts/step/evaluate.hpp"
#include "planner/experts/step/method.hpp"
#include "plimsoll/error.hpp"
#include "plimsoll/solve.hpp"
#include "support/random.hpp"
#include "tests/planner/experts/step/random_step.hpp"

namespace plimsoll::experts::step {
namespace {

StepSolution solved(const StepInstance& step, const std::string& method, int threads = 1,
                    std::uint64_t work = 100'000) {
  SolveOptions options;
  options.method = method;
  options.threads = threads;
  options.work_limit = work;
  return plimsoll::solve(step, options);
}

// 4 nodes of 4 devices with 3 base slots and 1 transient slot, 32 experts whose loads jump.
StepInstance jumping(double slower) {
  StepInstance step;
  ExpertInstance& experts = step.experts;
  experts.model.layers = 6;
  experts.model.experts = 32;
  experts.model.expert_bytes = 1e6;
  experts.cluster.nodes = 4;
  experts.cluster.devices_per_node = 4;
  experts.cluster.slots.assign(16, 3);
  experts.cluster.speed.assign(16, 1.0);
  experts.cluster.link = Link{4e11 / slower, 5e10 / slower, 2.5e10 / slower, 1e-6};
  experts.cost.token_seconds = 1e-7;
  experts.cost.other_seconds = 1e-4;
  experts.load = Matrix<double>(6, 32, 0.0);
  step.transient_slots = 1;
  step.schedule = default_schedule(8, false);
  support::Random random(11, 3);
  for (int m = 0; m < 8; ++m) {
    Matrix<double>& load = step.load.emplace_back(6, 32);
    for (std::size_t layer = 0; layer < 6; ++layer) {
      for (std::size_t expert = 0; expert < 32; ++expert) {
        load.at(layer, expert) = std::floor(1000 * std::exp(random.normal()));
        experts.load.at(layer, expert) += load.at(layer, expert);
      }
    }
  }
  return step;
}

TEST(Foresight, PlansHoldOnEveryKindOfStep) {
  int plans = 0;
  int missed = 0;  // impossible, or nothing was found
  testing::StepSize size;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const StepInstance step = testing::StepMaker(seed, size).make();
    for (const char* method : {"foresight", "robust"}) {
      const StepSolution solution = solved(step, method);
      if (!solution.certificate.objective) {
        missed += solution.certificate.status == Status::unknown ? 1 : 0;
        continue;
      }
      ++plans;
      const auto found = plimsoll::check(step, solution.plan, &solution.certificate);
      ASSERT_TRUE(found.empty()) << method << ", seed " << seed << ": " << found.front();
    }
  }
  EXPECT_GT(plans, 250);
  EXPECT_LT(missed, 60) << "of " << plans;
}

TEST(Foresight, ComesCloseToTheBoundWhereLinksAreFast) {
  const StepInstance step = jumping(1);
  const StepSolution solution = solved(step, "foresight");
  EXPECT_LT(*solution.certificate.gap, 0.02);
  EXPECT_LT(solution.metrics.imbalance, 1.05);
  EXPECT_LT(solution.metrics.exposed_seconds, 0.02 * solution.metrics.step_seconds);
  EXPECT_GT(solution.metrics.transfers, 0);
}

TEST(Foresight, IsNeverWorseThanEplbWithSharesResolved) {
  for (const double slower : {1.0, 10.0, 1000.0, 100'000.0}) {
    const StepInstance step = jumping(slower);
    const double ours = *solved(step, "foresight").certificate.objective;
    const double theirs = *solved(step, "eplb-step-shares").certificate.objective;
    EXPECT_LE(ours, theirs * (1 + 1e-9)) << "links slower by " << slower;
  }
}

TEST(Foresight, GivesTheSamePlanForAnyNumberOfThreads) {
  const StepInstance step = jumping(10);
  for (const char* method : {"foresight", "robust", "auto"}) {
    const StepSolution one = solved(step, method, 1);
    for (const int threads : {2, 4}) {
      const StepSolution other = solved(step, method, threads);
      EXPECT_EQ(one.plan, other.plan) << method;
      EXPECT_EQ(one.certificate.work, other.certificate.work) << method;
    }
  }
}

TEST(Foresight, SmallChangesOfTheBaseFindWhatTheConstructionMisses) {
  int better = 0;
  testing::StepSize size;
  size.rows.most_experts = 6;
  for (std::uint64_t seed = 0; seed < 150; ++seed) {
    const StepInstance step = testing::StepMaker(seed, size).make();
    const StepSolution little = solved(step, "foresight", 1, 2'000);
    const StepSolution much = solved(step, "foresight", 1, 400'000);
    if (!little.certificate.objective || !much.certificate.objective) continue;
    EXPECT_LE(*much.certificate.objective, *little.certificate.objective) << "seed " << seed;
    if (*much.certificate.objective < *little.certificate.objective) ++better;
  }
  EXPECT_GT(better, 3);
}

TEST(Robust, UsesNoTransfersAndAllSlots) {
  const StepInstance step = jumping(1);
  const StepSolution solution = solved(step, "robust");
  ASSERT_TRUE(solution.certificate.objective);
  EXPECT_TRUE(solution.plan.transfers.empty());
  for (const int expert : solution.plan.base.data()) EXPECT_GE(expert, 0);
}

}  // namespace
}  // namespace plimsoll::experts::step
