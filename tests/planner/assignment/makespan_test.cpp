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
  work(workers, context, name, 20'000, name == "bounds" ? 10 : 150);
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
  judge_all("bounds", 120, true);
  judge_all("bounds", 50, false);
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

struct Solved {
  double objective;
  double bound;
  std::string method;
};

Solved solve_alone(const AssignmentInstance& instance, std::uint64_t work_limit) {
  const Prepared prepared(instance);
  SolveOptions options;
  support::Meter meter(work_limit, std::nullopt, nullptr);
  Context context(prepared, options, meter);
  auto workers = makespan_workers(prepared, 1);
  take_turns(workers, context);
  return {context.objective().value_or(Times::never), context.bound().value_or(-1), context.bound_method()};
}

AssignmentInstance table(int bins, int items, const std::vector<double>& sizes) {
  AssignmentInstance instance;
  instance.objective = AssignmentObjective::makespan;
  instance.bins = bins;
  instance.items = items;
  instance.size = Matrix<double>(static_cast<std::size_t>(bins), static_cast<std::size_t>(items), sizes);
  return instance;
}

TEST(Makespan, NumbersAtTheEnds) {
  const Solved zero = solve_alone(table(2, 2, {0, 0, 0, 0}), 1'000'000);
  EXPECT_EQ(zero.objective, 0);
  EXPECT_EQ(zero.bound, 0);
  const Solved single = solve_alone(table(1, 3, {3, 0, 4}), 1'000'000);
  EXPECT_EQ(single.objective, 7);
  EXPECT_EQ(single.bound, 7);
  const Solved one_item = solve_alone(table(3, 1, {5, 2, 9}), 1'000'000);
  EXPECT_EQ(one_item.objective, 2);
  EXPECT_EQ(one_item.bound, 2);
  const Solved huge = solve_alone(table(2, 3, {1e15, 1e15, 1e15, 1e15, 1e15, 1e15}), 10'000'000);
  EXPECT_EQ(huge.objective, 2e15);
  EXPECT_NEAR(huge.bound, 2e15, 1e6);
  const Solved small = solve_alone(table(2, 3, {1e-9, 2e-9, 3e-9, 1e-9, 2e-9, 3e-9}), 10'000'000);
  EXPECT_NEAR(small.objective, 3e-9, 1e-18);
  const Solved mixed = solve_alone(table(2, 3, {1e15, 1, 0, 1e15, 0.5, 0}), 10'000'000);
  EXPECT_EQ(mixed.objective, 1e15);
}

// Identical times: counting refutes what the linear relaxation cannot, 7 items of 10 on 3 bins.
TEST(Makespan, CountingSeesWhatTheRelaxationDoesNot) {
  const Solved solved = solve_alone(table(3, 7, std::vector<double>(21, 10.0)), 10'000'000);
  EXPECT_EQ(solved.objective, 30);
  EXPECT_EQ(solved.bound, 30);
}

AssignmentInstance uniform_times(int bins, int items, int least, int most, std::uint64_t seed) {
  support::Random random(seed, 5);
  std::vector<double> sizes;
  for (int k = 0; k < bins * items; ++k) {
    sizes.push_back(least + static_cast<double>(random.below(static_cast<std::size_t>(most - least + 1))));
  }
  return table(bins, items, sizes);
}

TEST(Makespan, ClassesOfTheLiteratureCloseWithinTheirWork) {
  for (const auto& [least, most] : {std::pair{1, 100}, {10, 100}, {100, 120}, {100, 200}}) {
    const Solved solved = solve_alone(uniform_times(8, 30, least, most, 3), 100'000'000);
    EXPECT_LE(solved.objective - solved.bound, std::max(1.0, 0.01 * solved.objective)) << least << " to " << most;
    EXPECT_GE(solved.objective, solved.bound);
  }
}

TEST(Makespan, TheSameWorkGivesTheSamePlan) {
  const AssignmentInstance instance = uniform_times(10, 60, 10, 100, 9);
  const Solved first = solve_alone(instance, 15'000'000);
  const Solved second = solve_alone(instance, 15'000'000);
  EXPECT_EQ(first.objective, second.objective);
  EXPECT_EQ(first.bound, second.bound);
  EXPECT_EQ(first.method, second.method);
}

}  // namespace
}  // namespace plimsoll::assignment
