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
    if (getenv("SHOW")&&context.excluded().empty()) printf("not excluded seed %d done %d\n",(int)seed,(int)workers.back().worker->done());
    return;
  }
  const double slack = 1e-9 * std::max(1.0, std::abs(*best));
  ASSERT_TRUE(context.excluded().empty()) << context.excluded() << ", but " << *best << " exists";
  ASSERT_LE(*context.bound(), *best + slack) << context.bound_method();
  if (context.objective()) {
    ASSERT_GE(*context.objective(), *best - slack);
  }
  if (context.bound_method() == "linear" || context.bound_method() == "lagrangian") {
    const Times times(prepared);
    ASSERT_GE(prepared.round_up(target_bound(times, context.proof())), *context.bound() - slack);
  }
  tally.closed += context.closed() ? 1 : 0;
  if (getenv("SHOW") && !context.closed()) printf("open seed %d obj %g bound %.12g best %g step %g priced %d bins %d items %d branch done %d\n", (int)seed, context.objective().value_or(-1), *context.bound(), *best, prepared.step, (int)Times(prepared).priced, prepared.bins, prepared.items, (int)workers.back().worker->done());
}

Tally judge_all(std::string_view name, std::uint64_t seeds, bool extensions) {
  Tally tally;
  testing::RandomAssignmentOptions options;
  options.extensions = extensions;
  for (std::uint64_t seed = 0; seed < (getenv("MANY")?atoi(getenv("MANY")):seeds); ++seed) {
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
  judge_all("bounds", 1500, true);
  judge_all("bounds", 500, false);
}

TEST(Makespan, SearchFindsTheOptimumOfPlainInstances) {
  const Tally tally = judge_all("search", 300, false);
  EXPECT_EQ(tally.instances, 300);
}

TEST(Makespan, WorkersTogetherWithEveryExtension) {
  const Tally tally = judge_all("", 1000, true);
  RecordProperty("closed", tally.closed);
  std::printf("closed %d of %d, without plan %d\n", tally.closed, tally.instances, tally.without_plan);
}

}  // namespace
}  // namespace plimsoll::assignment
