// The exact search and the Lagrangian bound against brute force, with every part of the format.
#include "planner/assignment/exact/cost_branch.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "planner/assignment/method.hpp"
#include "plimsoll/error.hpp"
#include "support/meter.hpp"
#include "tests/planner/assignment/brute_force.hpp"
#include "tests/planner/assignment/random_instance.hpp"

namespace plimsoll::assignment {
namespace {

constexpr std::uint64_t no_limit = std::numeric_limits<std::uint64_t>::max();

AssignmentInstance tiny(std::uint64_t seed) {
  support::Random random(seed, 77);
  return testing::random_assignment(random, AssignmentObjective::cost);
}

double slack(double value) { return 1e-9 * std::max(1.0, std::abs(value)); }

TEST(AssignmentBranch, ProvesTheOptimumOrThatThereIsNoPlan) {
  int plans = 0;
  int none = 0;
  for (std::uint64_t seed = 0; seed < 2500; ++seed) {
    const AssignmentInstance instance = tiny(seed);
    const Prepared prepared(instance);
    const auto best = testing::AssignmentBruteForce(instance).run();
    if (!prepared.impossible.empty()) {
      ASSERT_FALSE(best) << seed;
      continue;
    }
    const SolveOptions options;
    support::Meter meter(no_limit, {}, nullptr);
    Context context(prepared, options, meter);
    CostBranch branch(prepared);
    // Small turns: stopping and going on changes nothing.
    for (int turn = 0; turn < 100'000 && !branch.done() && !context.should_stop(); ++turn) branch.turn(context, 300);
    if (!best) {
      ASSERT_FALSE(context.best()) << seed;
      ASSERT_FALSE(context.excluded().empty()) << seed;
      ++none;
      continue;
    }
    ASSERT_TRUE(context.excluded().empty()) << seed;
    ASSERT_TRUE(context.objective() && context.bound()) << seed;
    ASSERT_NEAR(*context.objective(), *best, slack(*best)) << seed;
    ASSERT_NEAR(*context.bound(), *best, 2 * slack(*best)) << seed;
    ++plans;
  }
  EXPECT_GT(plans, 1000);
  EXPECT_GT(none, 20);
}

TEST(AssignmentLagrangian, RefusesMakespan) {
  support::Random random(5);
  const AssignmentInstance instance = testing::random_assignment(random, AssignmentObjective::makespan);
  const Prepared prepared(instance);
  const SolveOptions options;
  support::Meter meter(no_limit, {}, nullptr);
  Context context(prepared, options, meter);
  EXPECT_THROW(run_lagrangian(prepared, context), Error);
}

TEST(AssignmentLagrangian, BoundsAreValidAndComputedAnewFromTheProof) {
  for (std::uint64_t seed = 0; seed < 1500; ++seed) {
    const AssignmentInstance instance = tiny(seed);
    const Prepared prepared(instance);
    if (!prepared.impossible.empty()) continue;
    const auto best = testing::AssignmentBruteForce(instance).run();
    const SolveOptions options;
    support::Meter meter(no_limit, {}, nullptr);
    Context context(prepared, options, meter);
    LagrangianAscent ascent(prepared);
    for (int turn = 0; turn < 20 && !ascent.done(); ++turn) ascent.turn(context, 20'000);
    if (!best) continue;
    ASSERT_LE(*context.bound(), *best + slack(*best)) << seed;
    const double anew = prepared.round_up(evaluate_lagrangian(prepared, Lagrangian(prepared).proof(ascent.prices())));
    ASSERT_LE(anew, *best + slack(*best)) << seed;
    ASSERT_GE(*context.bound(), anew - slack(anew)) << seed;
  }
}

// What exact knapsacks close at the cost of the best plan leaves that plan open, and at less nothing wrong is said.
TEST(AssignmentLagrangian, ExactClosingKeepsTheBestPlan) {
  int closed = 0;
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    const AssignmentInstance instance = tiny(seed);
    const Prepared prepared(instance);
    testing::AssignmentBruteForce force(instance);
    const auto best = force.run();
    if (!best) continue;
    const std::vector<int> bins = prepared.reduce(AssignmentPlan{force.plan()});
    Lagrangian lagrangian(prepared);
    OpenPairs open(prepared);
    ASSERT_TRUE(open.propagate()) << seed;
    Lagrangian::Prices prices = lagrangian.first_prices();
    support::Random random(seed, 3);
    for (int round = 0; round < 4; ++round) {
      for (double& price : prices.item) price += 6 * random.uniform() - 3;
      const double value = lagrangian.evaluate(open, prices);
      ASSERT_TRUE(lagrangian.close_exactly(open, prices, value, *best + slack(*best), closed)) << seed;
      for (std::size_t item = 0; item < bins.size(); ++item) {
        ASSERT_TRUE(open.open(bins[item], static_cast<int>(item))) << seed << ' ' << item;
      }
    }
  }
  EXPECT_GT(closed, 500);
}

// Any numbers give a valid bound: the proof in a file is not trusted.
TEST(AssignmentLagrangian, AnyProofIsSafe) {
  support::Random random(9);
  for (std::uint64_t seed = 0; seed < 800; ++seed) {
    const AssignmentInstance instance = tiny(seed);
    const Prepared prepared(instance);
    const auto best = testing::AssignmentBruteForce(instance).run();
    if (!best) continue;
    Proof proof;
    for (int item = 0; item < prepared.items; ++item) proof.item_price.push_back(60 * random.uniform() - 20);
    const std::size_t dimensions = prepared.dimensions.size();
    if (seed % 3 != 0 && dimensions > 0) {
      proof.weight = Matrix<double>(static_cast<std::size_t>(prepared.bins), dimensions);
      for (std::size_t bin = 0; bin < proof.weight.rows(); ++bin) {
        for (std::size_t d = 0; d < dimensions; ++d) proof.weight.at(bin, d) = 2 * random.uniform();
      }
    }
    proof.change_price = 5 * random.uniform();
    ASSERT_LE(evaluate_lagrangian(prepared, proof), *best + slack(*best)) << seed;
  }
}

}  // namespace
}  // namespace plimsoll::assignment
