// Valid plans with one thing changed: what the change breaks must be said, and what it leaves whole (judged by the
// second opinion) must pass with the same cost.
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <string>

#include "planner/experts/step/evaluate.hpp"
#include "tests/planner/experts/step/judge_step.hpp"
#include "tests/planner/experts/step/random_step.hpp"
#include "tests/planner/experts/step/random_step_plan.hpp"
#include "tests/planner/experts/step/row_mutations.hpp"
#include "tests/planner/experts/step/transfer_mutations.hpp"

namespace plimsoll::experts::step {
namespace {

using testing::Bench;
using testing::Breaks;
using testing::instance_mutations;
using testing::Mutation;
using testing::row_mutations;
using testing::transfer_mutations;

struct Count {
  bool rare = false;
  int applied = 0;
  int broken = 0;
};

class MutatedStep : public ::testing::TestWithParam<int> {
 protected:
  void try_mutation(const Mutation& mutation, const StepInstance& step, const StepPlan& plan, const Evaluation& whole,
                    support::Random& random) {
    Bench bench{step, plan, whole, random};
    if (!mutation.apply(bench)) return;
    Count& count = counts_[mutation.name];
    count.rare = mutation.breaks == Breaks::rarely;
    ++count.applied;
    const Evaluation evaluation = evaluate(bench.step, bench.plan);
    const auto judged = testing::judge_step(bench.step, bench.plan);
    if (!judged) {
      EXPECT_FALSE(evaluation.violations.empty()) << mutation.name << " breaks a rule";
      ++count.broken;
      return;
    }
    EXPECT_NE(mutation.breaks, Breaks::always) << mutation.name << " left the plan whole";
    EXPECT_TRUE(evaluation.violations.empty()) << mutation.name << ": " << evaluation.violations.front();
    EXPECT_NEAR(evaluation.objective, *judged, 1e-9 * std::max(1.0, *judged)) << mutation.name;
  }

  std::map<std::string, Count> counts_;
};

TEST_P(MutatedStep, IsRejectedWhereTheMeaningChanges) {
  for (std::uint64_t k = 0; k < 60 && !HasFailure(); ++k) {
    const std::uint64_t seed = static_cast<std::uint64_t>(GetParam()) * 1000 + k;
    SCOPED_TRACE("step " + std::to_string(seed));
    const StepInstance step = k % 4 == 0 ? testing::medium_step(seed) : testing::tiny_step(seed);
    const auto plan = testing::random_step_plan(step, seed);
    if (!plan || plan->base.columns() == 0) continue;
    const Evaluation whole = evaluate(step, *plan);
    ASSERT_EQ(whole.violations, std::vector<std::string>{});
    support::Random random(seed, 5);
    for (int repeat = 0; repeat < 4; ++repeat) {
      for (const Mutation& mutation : transfer_mutations) try_mutation(mutation, step, *plan, whole, random);
      for (const Mutation& mutation : row_mutations) try_mutation(mutation, step, *plan, whole, random);
      for (const Mutation& mutation : instance_mutations) try_mutation(mutation, step, *plan, whole, random);
    }
  }
  for (const auto& [name, count] : counts_) {
    EXPECT_GT(count.applied, 0) << name;
    EXPECT_GT(count.broken, count.rare ? -1 : 0) << name;
  }
  EXPECT_EQ(counts_.size(), transfer_mutations.size() + row_mutations.size() + instance_mutations.size());
}

INSTANTIATE_TEST_SUITE_P(Seeds, MutatedStep, ::testing::Range(0, 6));

}  // namespace
}  // namespace plimsoll::experts::step
