// The workers for the makespan against brute force, one by one and together, on tiny instances with every part of the
// format: no bound above the optimum, every bound computed again from its proof, no plan better than the best, no wrong
// "there is none".
#include "planner/assignment/makespan.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "planner/assignment/bounds/target.hpp"
#include "tests/planner/assignment/brute_force.hpp"
#include "tests/planner/assignment/random_instance.hpp"

namespace plimsoll::assignment {
namespace {

struct Tally {
  int instances = 0;
  int closed = 0;
  int optimal = 0;  // whether proven or not
  int without_plan = 0;
};

// Turns of all workers whose name is asked for ("": all).
void work(std::vector<Share>& workers, Context& context, std::string_view name, std::uint64_t turn, int rounds) {
  for (int round = 0; round < rounds && !context.should_stop(); ++round) {
    for (Share& share : workers) {
      if (context.should_stop() || share.worker->done()) continue;
      if (name.empty() || name == share.name) share.worker->turn(context, turn);
    }
  }
}

void judge(const AssignmentInstance& instance, std::string_view name, std::uint64_t seed, Tally& tally) {
  const Prepared prepared(instance);
  if (!prepared.impossible.empty()) return;
  SolveOptions options;
  options.seed = seed;
  support::Meter meter(300'000'000, std::nullopt, nullptr);
  Context context(prepared, options, meter);
  auto workers = makespan_workers(prepared, seed);
  work(workers, context, name, 20'000, 10);
  const auto best = testing::AssignmentBruteForce(instance).run();
  ++tally.instances;
  if (!best) {
    ASSERT_FALSE(context.objective()) << "a plan where there is none";
    ++tally.without_plan;
    tally.closed += context.excluded().empty() ? 0 : 1;
    return;
  }
  const double slack = 1e-9 * std::max(1.0, std::abs(*best));
  ASSERT_TRUE(context.excluded().empty()) << context.excluded() << ", but " << *best << " exists";
  ASSERT_LE(*context.bound(), *best + slack) << context.bound_method();
  if (context.objective()) {
    ASSERT_GE(*context.objective(), *best - slack);
    tally.optimal += *context.objective() <= *best + slack ? 1 : 0;
  }
  if (context.bound_method() == "linear" || context.bound_method() == "lagrangian") {
    const Times times(prepared);
    ASSERT_GE(prepared.round_up(target_bound(times, context.proof())), *context.bound() - slack);
  }
  tally.closed += context.closed() ? 1 : 0;
}

Tally judge_all(std::string_view name, std::uint64_t seeds, bool extensions) {
  Tally tally;
  testing::RandomAssignmentOptions options;
  options.extensions = extensions;
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    support::Random random(seed, extensions ? 31 : 32);
    const auto instance = testing::random_assignment(random, AssignmentObjective::makespan, options);
    judge(instance, name, seed, tally);
    if (::testing::Test::HasFatalFailure()) {
      ADD_FAILURE() << "seed " << seed;
      break;
    }
  }
  return tally;
}

TEST(Makespan, BoundsStayBelowTheOptimum) {
  judge_all("bounds", 250, true);
  judge_all("bounds", 100, false);
}

TEST(Makespan, SearchFindsTheOptimumOfPlainInstances) {
  const Tally tally = judge_all("search", 100, false);
  EXPECT_EQ(tally.optimal, tally.instances);
}

TEST(Makespan, WorkersTogetherWithEveryExtension) {
  const Tally tally = judge_all("", 500, true);
  EXPECT_EQ(tally.closed, tally.instances);  // with a proof, also where there is no plan
  EXPECT_GT(tally.without_plan, 0);
}

}  // namespace
}  // namespace plimsoll::assignment
