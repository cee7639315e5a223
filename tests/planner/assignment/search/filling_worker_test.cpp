// Regions filled anew: against brute force with every constraint that the worker keeps, and what it leaves to others.
#include "planner/assignment/search/filling_worker.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "planner/assignment/bounds/ascent.hpp"
#include "planner/assignment/context.hpp"
#include "planner/assignment/evaluate.hpp"
#include "planner/assignment/search/tabu_worker.hpp"
#include "tests/planner/assignment/brute_force.hpp"
#include "tests/planner/assignment/random_instance.hpp"

namespace plimsoll::assignment {
namespace {

std::vector<int> any_feasible(const AssignmentInstance& instance, const Prepared& prepared, support::Random& random) {
  for (int attempt = 0; attempt < 400; ++attempt) {
    std::vector<int> bin_of;
    for (int item = 0; item < prepared.items; ++item) {
      bin_of.push_back(static_cast<int>(random.below(static_cast<std::size_t>(prepared.bins))));
    }
    if (evaluate(instance, prepared.expand(bin_of)).violations.empty()) return bin_of;
  }
  return {};
}

// On tiny instances the region is the whole, and a search that ends has found the best plan.
TEST(FillingWorker, FindsTheBestPlanOfTinyInstances) {
  support::Random random(41);
  int solved = 0;
  for (int round = 0; round < 400; ++round) {
    AssignmentInstance instance = testing::random_assignment(random, AssignmentObjective::cost);
    instance.max_changes.reset();
    const Prepared prepared(instance);
    FillingWorker worker(prepared, 1);
    if (!prepared.impossible.empty() || worker.done()) continue;
    const std::vector<int> plan = any_feasible(instance, prepared, random);
    if (plan.empty()) continue;
    SolveOptions options;
    support::Meter meter(1'000'000, std::nullopt, nullptr);
    Context context(prepared, options, meter);
    ASSERT_TRUE(context.offer_bins(plan));
    worker.turn(context, 1'000'000);
    testing::AssignmentBruteForce brute(instance);
    ASSERT_NEAR(*context.objective(), *brute.run(), 1e-6 * (1 + std::abs(*context.objective()))) << "round " << round;
    ++solved;
  }
  EXPECT_GT(solved, 50);
}

AssignmentInstance type_d(std::size_t bins, std::size_t items, std::uint64_t seed) {
  support::Random random(seed);
  AssignmentInstance instance;
  instance.bins = static_cast<int>(bins);
  instance.items = static_cast<int>(items);
  instance.size = instance.cost = Matrix<double>(bins, items);
  for (std::size_t bin = 0; bin < bins; ++bin) {
    double sum = 0;
    for (std::size_t item = 0; item < items; ++item) {
      const double size = 1 + static_cast<double>(random.below(100));
      instance.size.at(bin, item) = size;
      instance.cost.at(bin, item) = 101 - size + static_cast<double>(random.below(21));
      sum += size;
    }
    instance.capacity.push_back(std::floor(0.8 * sum / static_cast<double>(bins)));
  }
  return instance;
}

struct Result {
  double before = 0;
  std::vector<int> bin_of;
  double objective = 0;
  std::uint64_t work = 0;
};

Result improve(const AssignmentInstance& instance, std::uint64_t work) {
  const Prepared prepared(instance);
  SolveOptions options;
  support::Meter meter(1'000'000'000, std::nullopt, nullptr);
  Context context(prepared, options, meter);
  FillingWorker worker(prepared, 3);
  worker.turn(context, work);  // without a plan there is nothing to improve
  EXPECT_EQ(meter.work(), 0U);
  LagrangianAscent prices(prepared);
  while (!prices.done() && meter.work() < 10'000'000) prices.turn(context, 1'000'000);
  TabuWorker tabu(prepared);
  while (!context.objective()) tabu.turn(context, 1'000'000);
  Result result;
  result.before = *context.objective();
  const std::uint64_t start = meter.work();
  worker.turn(context, work);
  result.bin_of = context.best()->bin_of;
  result.objective = *context.objective();
  result.work = meter.work() - start;
  return result;
}

// Five items to a bin: what repaired Lagrangian plans lack is found at once, twice the same, within its turn.
TEST(FillingWorker, ImprovesDenseInstances) {
  const AssignmentInstance instance = type_d(12, 60, 4);
  const Result first = improve(instance, 20'000'000);
  const Result second = improve(instance, 20'000'000);
  EXPECT_LT(first.objective, 0.995 * first.before);
  EXPECT_EQ(first.bin_of, second.bin_of);
  EXPECT_EQ(first.work, second.work);
  EXPECT_LE(first.work, 24'000'000U);
}

TEST(FillingWorker, LeavesToOthersWhatItCannotList) {
  const auto done = [](const AssignmentInstance& instance) {
    const Prepared prepared(instance);
    return FillingWorker(prepared, 1).done();
  };
  AssignmentInstance instance = type_d(4, 40, 5);
  EXPECT_FALSE(done(instance));
  EXPECT_TRUE(done(type_d(2, 100, 6)));
  EXPECT_TRUE(done(type_d(1, 10, 7)));
  AssignmentInstance real = instance;
  for (double& size : real.size.row(0)) size += 0.25;
  EXPECT_TRUE(done(real));
  AssignmentInstance changes = instance;
  changes.current.assign(40, 0);
  changes.max_changes = 20;
  EXPECT_TRUE(done(changes));
  instance.capacity.clear();
  EXPECT_TRUE(done(instance));
}

}  // namespace
}  // namespace plimsoll::assignment
