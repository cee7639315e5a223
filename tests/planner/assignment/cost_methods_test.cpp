// The heuristics for least cost: against brute force, twice the same, and on instances that are odd in some way.
#include <gtest/gtest.h>

#include <cmath>

#include "planner/assignment/context.hpp"
#include "planner/assignment/evaluate.hpp"
#include "planner/assignment/method.hpp"
#include "planner/assignment/search/cell_worker.hpp"
#include "planner/assignment/search/tabu_worker.hpp"
#include "plimsoll/error.hpp"
#include "tests/planner/assignment/brute_force.hpp"
#include "tests/planner/assignment/random_instance.hpp"

namespace plimsoll::assignment {
namespace {

struct Result {
  std::optional<double> objective;
  std::vector<int> bin_of;
  std::uint64_t work = 0;
};

Result run(const AssignmentInstance& instance, const char* method, std::uint64_t work, std::uint64_t seed = 1) {
  const Prepared prepared(instance);
  SolveOptions options;
  options.seed = seed;
  support::Meter meter(work, std::nullopt, nullptr);
  Context context(prepared, options, meter);
  find_method(method).run(prepared, context);
  Result result{context.objective(), {}, meter.work()};
  if (context.best()) {
    result.bin_of = context.best()->bin_of;
    EXPECT_TRUE(evaluate(instance, *context.best()).violations.empty());
  }
  return result;
}

// A generated instance of type D (Chu and Beasley 1997): sizes and costs against each other.
AssignmentInstance type_d(int bins, int items, std::uint64_t seed) {
  support::Random random(seed);
  AssignmentInstance instance;
  instance.bins = bins;
  instance.items = items;
  instance.size = instance.cost = Matrix<double>(static_cast<std::size_t>(bins), static_cast<std::size_t>(items));
  for (std::size_t bin = 0; bin < static_cast<std::size_t>(bins); ++bin) {
    double sum = 0;
    for (std::size_t item = 0; item < static_cast<std::size_t>(items); ++item) {
      const double size = 1 + static_cast<double>(random.below(100));
      instance.size.at(bin, item) = size;
      instance.cost.at(bin, item) = 101 - size + static_cast<double>(random.below(21));
      sum += size;
    }
    instance.capacity.push_back(std::floor(0.8 * sum / bins));
  }
  return instance;
}

class CostMethods : public ::testing::TestWithParam<const char*> {};

TEST_P(CostMethods, AgreeWithBruteForceOnTinyInstances) {
  support::Random random(31);
  const bool greedy = std::string(GetParam()) == "greedy";
  int solvable = 0;
  int optimal = 0;
  int missed = 0;
  for (int round = 0; round < 300; ++round) {
    const AssignmentInstance instance = testing::random_assignment(random, AssignmentObjective::cost);
    const Prepared prepared(instance);
    testing::AssignmentBruteForce brute(instance);
    const auto best = brute.run();
    if (!prepared.impossible.empty()) {
      ASSERT_FALSE(best.has_value());
      continue;
    }
    if (!best) {
      ASSERT_FALSE(run(instance, GetParam(), 20'000).objective.has_value());
      continue;
    }
    ++solvable;
    const Result result = run(instance, GetParam(), 1'000'000);
    if (!result.objective) {
      ++missed;
      continue;
    }
    ASSERT_GE(*result.objective, *best - 1e-6 * (1 + std::abs(*best)));
    optimal += *result.objective <= *best + 1e-6 * (1 + std::abs(*best)) ? 1 : 0;
  }
  EXPECT_GT(solvable, 150);
  EXPECT_EQ(missed, 0) << "of " << solvable;
  EXPECT_GE(optimal, (greedy ? 0.5 : 0.95) * solvable) << optimal << " of " << solvable;
}

TEST_P(CostMethods, GiveTheSamePlanTwice) {
  const AssignmentInstance instance = type_d(6, 40, 5);
  const Result first = run(instance, GetParam(), 3'000'000, 7);
  const Result second = run(instance, GetParam(), 3'000'000, 7);
  ASSERT_TRUE(first.objective.has_value());
  EXPECT_EQ(first.bin_of, second.bin_of);
  EXPECT_EQ(first.work, second.work);
}

TEST_P(CostMethods, KeepToTheWorkLimit) {
  const AssignmentInstance instance = type_d(10, 100, 6);
  const Result result = run(instance, GetParam(), 5'000'000);
  EXPECT_LE(result.work, 8'000'000U);
}

TEST_P(CostMethods, OneBin) {
  AssignmentInstance instance = type_d(1, 12, 8);
  instance.capacity = {1e15};
  const Result result = run(instance, GetParam(), 1'000'000);
  ASSERT_TRUE(result.objective.has_value());
  EXPECT_EQ(result.bin_of, std::vector<int>(12, 0));
}

TEST_P(CostMethods, NoCapacityAtAll) {
  AssignmentInstance instance = type_d(5, 30, 9);
  instance.capacity.clear();
  double cheapest = 0;
  for (std::size_t item = 0; item < 30; ++item) {
    double least = 1e9;
    for (std::size_t bin = 0; bin < 5; ++bin) least = std::min(least, instance.cost.at(bin, item));
    cheapest += least;
  }
  const Result result = run(instance, GetParam(), 1'000'000);
  ASSERT_TRUE(result.objective.has_value());
  EXPECT_EQ(*result.objective, cheapest);
}

// Nothing but items of size 0 may go where the capacity is 0.
TEST_P(CostMethods, CapacityZero) {
  AssignmentInstance instance = type_d(4, 20, 10);
  instance.capacity[2] = 0;
  instance.capacity[0] *= 1.5;
  instance.capacity[1] *= 1.5;
  instance.capacity[3] *= 1.5;
  for (std::size_t item = 0; item < 3; ++item) {
    instance.size.at(2, item) = 0;
    instance.cost.at(2, item) = -1000;
  }
  const Result result = run(instance, GetParam(), 2'000'000);
  ASSERT_TRUE(result.objective.has_value());
  for (int item = 0; item < 20; ++item) EXPECT_EQ(result.bin_of[static_cast<std::size_t>(item)] == 2, item < 3);
}

// The same instance in other units, with noise below a billionth: the same plan must come out as good.
TEST_P(CostMethods, RealNumbers) {
  const AssignmentInstance whole = type_d(5, 40, 11);
  AssignmentInstance real = whole;
  for (std::size_t bin = 0; bin < 5; ++bin) {
    for (std::size_t item = 0; item < 40; ++item) {
      real.size.at(bin, item) /= 7e5;
      real.cost.at(bin, item) = real.cost.at(bin, item) / 3 - 20;  // some are negative
    }
    real.capacity[bin] /= 7e5;
  }
  const Result first = run(whole, GetParam(), 5'000'000);
  const Result second = run(real, GetParam(), 5'000'000);
  ASSERT_TRUE(first.objective.has_value());
  ASSERT_TRUE(second.objective.has_value());
  const double back = (*second.objective + 20 * 40) * 3;
  EXPECT_NEAR(back, *first.objective, 0.02 * *first.objective);
}

TEST_P(CostMethods, RefuseMakespan) {
  AssignmentInstance instance = type_d(3, 9, 12);
  instance.objective = AssignmentObjective::makespan;
  instance.cost = {};
  try {
    run(instance, GetParam(), 1000);
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::unsupported);
  }
}

// Two dimensions, items apart and a budget of changes at once, at a size where nothing is enumerated.
TEST_P(CostMethods, EverythingAtOnce) {
  AssignmentInstance instance = type_d(8, 80, 13);
  support::Random random(14);
  AssignmentDimension memory;
  memory.name = "memory";
  memory.size = Matrix<double>(8, 80);
  for (std::size_t bin = 0; bin < 8; ++bin) {
    double sum = 0;
    for (double& size : memory.size.row(bin)) sum += size = 1 + static_cast<double>(random.below(30));
    memory.capacity.push_back(std::floor(sum / 8));
    instance.capacity[bin] = std::floor(instance.capacity[bin] * 1.15);
  }
  instance.dimensions.push_back(memory);
  for (int list = 0; list < 6; ++list) instance.apart.push_back({5 * list, 5 * list + 1, 5 * list + 2, 5 * list + 3});
  const Result free = run(instance, GetParam(), 10'000'000);
  ASSERT_TRUE(free.objective.has_value());
  instance.current = free.bin_of;
  for (int item = 0; item < 10; ++item) instance.current[static_cast<std::size_t>(item)] = -1;
  std::swap(instance.cost.at(0, 20), instance.cost.at(1, 20));
  for (double& cost : instance.cost.row(3)) cost += static_cast<double>(random.below(40));
  instance.max_changes = 12;
  instance.change_price = 1;
  const Result kept = run(instance, GetParam(), 10'000'000);
  EXPECT_TRUE(kept.objective.has_value());
}

INSTANTIATE_TEST_SUITE_P(All, CostMethods, ::testing::Values("greedy", "tabu", "neighbourhood"),
                         [](const auto& info) { return std::string(info.param); });

// Ten bins and 12,000 items: the memory is that of the tables, and a turn ends near what it was given.
TEST(CostMethods, ManyItems) {
  const AssignmentInstance instance = type_d(10, 12'000, 15);
  const Result result = run(instance, "neighbourhood", 60'000'000);
  ASSERT_TRUE(result.objective.has_value());
  EXPECT_LE(result.work, 120'000'000U);
}

// Turns of any length give plans that only get better, and a plan of somebody else is taken up.
TEST(CostWorkers, TakeUpAPlanFromTheContext) {
  const AssignmentInstance instance = type_d(8, 60, 16);
  const Prepared prepared(instance);
  SolveOptions options;
  support::Meter meter(100'000'000, std::nullopt, nullptr);
  Context context(prepared, options, meter);
  TabuWorker tabu(prepared);
  CellWorker cells(prepared);
  tabu.turn(context, 200'000);
  ASSERT_TRUE(context.objective().has_value());
  double before = *context.objective();
  for (int turn = 0; turn < 6; ++turn) {
    (turn % 2 == 0 ? static_cast<Worker&>(cells) : static_cast<Worker&>(tabu)).turn(context, 1'000'000);
    EXPECT_LE(*context.objective(), before);
    before = *context.objective();
  }
  EXPECT_LE(meter.work(), 10'000'000U);
}

}  // namespace
}  // namespace plimsoll::assignment
