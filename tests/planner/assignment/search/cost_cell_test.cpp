// Cells against looking at everything: all items free, so that the best assignment of the cell is the best plan.
#include "planner/assignment/search/cost_cell.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "planner/assignment/context.hpp"
#include "planner/assignment/evaluate.hpp"
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

// With `nodes` at hand the enumeration alone decides; with one node everything is left to the join.
void compare(int nodes, int rounds, double optimal_share) {
  support::Random random(21);
  int solved = 0;
  int optimal = 0;
  for (int round = 0; round < rounds; ++round) {
    const AssignmentInstance instance = testing::random_assignment(random, AssignmentObjective::cost);
    const Prepared prepared(instance);
    if (!prepared.impossible.empty() || prepared.bins < 2) continue;
    const std::vector<int> plan = any_feasible(instance, prepared, random);
    if (plan.empty()) continue;
    const CostTables tables(prepared);
    CostState state(tables, plan);
    if (!state.feasible()) continue;
    std::uint64_t work = 0;
    const CapacityPrices prices = capacity_prices(tables, work);
    CostCell cell(tables);
    std::vector<int> bins(static_cast<std::size_t>(tables.bins));
    std::iota(bins.begin(), bins.end(), 0);
    for (int call = 0; call < 20; ++call) {
      const double before = state.cost();
      const CostCell::Outcome outcome = cell.solve(state, bins, prices, 0, nodes, random, work);
      for (const CostCell::Change& change : cell.changes()) state.move(change.item, change.bin);
      ASSERT_TRUE(state.feasible());
      ASSERT_NEAR(before - state.cost(), cell.changes().empty() ? 0 : cell.gain(), 1e-6 * (1 + std::abs(before)));
      if (outcome == CostCell::Outcome::none) break;
    }
    testing::AssignmentBruteForce brute(instance);
    const auto best = brute.run();
    ASSERT_TRUE(best.has_value());
    const double value = evaluate(instance, prepared.expand(state.bin_of())).objective;
    ASSERT_GE(value, *best - 1e-6 * (1 + std::abs(*best)));
    ++solved;
    optimal += value <= *best + 1e-6 * (1 + std::abs(*best)) ? 1 : 0;
  }
  EXPECT_GT(solved, rounds / 5);
  EXPECT_GE(optimal, optimal_share * solved) << optimal << " of " << solved;
}

TEST(CostCell, EnumeratesTheBestPlanOfTinyInstances) { compare(1'000'000, 200, 1.0); }

TEST(CostCell, JoinsTheBestPlanOfMostTinyInstances) { compare(1, 200, 0.9); }

// One set of thirty steps in 2^30 fills three capacities exactly; steps in random order, all at no reduced cost.
TEST(CostJoin, FindsASetThatFitsExactly) {
  support::Random random(22);
  int found_exact = 0;
  for (int round = 0; round < 5; ++round) {
    constexpr int count = 24;
    constexpr std::size_t capacities = 3;
    std::vector<double> loads(count * capacities);
    std::vector<double> slack(capacities, 0.0);
    std::vector<CostJoin::Step> steps;
    for (int k = 0; k < count; ++k) {
      double* load = loads.data() + static_cast<std::size_t>(k) * capacities;
      const bool chosen = random.below(2) == 1;
      for (std::size_t c = 0; c < capacities; ++c) {
        load[c] = static_cast<double>(random.below(201)) - 100;
        if (chosen) slack[c] += load[c];
      }
      steps.push_back({0, k, k, load});
    }
    const std::vector<double> lambda(capacities, 1.0);
    CostJoin join;
    CostJoin::Found found;
    std::uint64_t work = 0;
    const auto any = [](const std::vector<int>&) { return true; };
    ASSERT_TRUE(join.find(steps, slack, lambda, 3, 4096, any, found, work));
    for (std::size_t c = 0; c < capacities; ++c) {
      double left = slack[c];
      for (const int k : found.options) left -= loads[static_cast<std::size_t>(k) * capacities + c];
      EXPECT_GE(left, 0);
      EXPECT_LE(left, 3);
    }
    found_exact += found.excess == 0 ? 1 : 0;
  }
  EXPECT_EQ(found_exact, 5);
}

}  // namespace
}  // namespace plimsoll::assignment
