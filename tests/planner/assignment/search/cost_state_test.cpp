// Incremental values of the heuristics for least cost against values computed anew, after random moves.
#include "planner/assignment/search/cost_state.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "planner/assignment/evaluate.hpp"
#include "planner/assignment/search/cost_descent.hpp"
#include "tests/planner/assignment/random_instance.hpp"

namespace plimsoll::assignment {
namespace {

constexpr double tolerance = 1e-9;

std::vector<int> random_plan(const Prepared& prepared, support::Random& random) {
  std::vector<int> bin_of;
  for (int item = 0; item < prepared.items; ++item) {
    int bin = 0;
    do {
      bin = static_cast<int>(random.below(static_cast<std::size_t>(prepared.bins)));
    } while (!prepared.can(bin, item));
    bin_of.push_back(bin);
  }
  return bin_of;
}

void set_random_weights(CostState& state, support::Random& random) {
  for (int bin = 0; bin < state.tables().bins; ++bin) {
    for (int d = 0; d < state.tables().dimensions; ++d) state.set_weight(bin, d, 3 * random.uniform());
  }
  state.apart_weight() = 5 * random.uniform();
  state.change_weight() = 5 * random.uniform();
}

AssignmentInstance draw(support::Random& random) {
  testing::RandomAssignmentOptions options;
  options.most_bins = 6;
  options.most_items = 24;
  return testing::random_assignment(random, AssignmentObjective::cost, options);
}

TEST(CostState, EqualsARecomputationAfterRandomMoves) {
  support::Random random(11);
  int judged = 0;
  for (int round = 0; round < 300; ++round) {
    const AssignmentInstance instance = draw(random);
    const Prepared prepared(instance);
    if (!prepared.impossible.empty()) continue;
    const CostTables tables(prepared);
    CostState state(tables, random_plan(prepared, random));
    set_random_weights(state, random);
    for (int step = 0; step < 40; ++step) {
      const int item = static_cast<int>(random.below(static_cast<std::size_t>(tables.items)));
      const int bin = static_cast<int>(random.below(static_cast<std::size_t>(tables.bins)));
      if (!tables.can(item, bin)) continue;
      const double promised = tables.limits_changes || bin == state.bin_of(item)
                                  ? 0
                                  : state.charged() + state.gain_out(item) + state.gain_in(item, bin);
      const bool same = bin == state.bin_of(item);
      state.move(item, bin);
      if (!tables.limits_changes && !same) {
        ASSERT_NEAR(state.charged(), promised, tolerance * (1 + std::abs(promised)));
      }
      CostState anew(tables, state.bin_of());
      for (int b = 0; b < tables.bins; ++b) {
        for (int d = 0; d < tables.dimensions; ++d) {
          anew.set_weight(b, d, state.weight(b, d));
          ASSERT_EQ(anew.slack(b, d), state.slack(b, d));
        }
      }
      anew.apart_weight() = state.apart_weight();
      anew.change_weight() = state.change_weight();
      ASSERT_EQ(anew.cost(), state.cost());
      ASSERT_EQ(anew.charged(), state.charged());
      ASSERT_EQ(anew.feasible(), state.feasible());
      const Evaluation evaluation = evaluate(instance, prepared.expand(state.bin_of()));
      ASSERT_EQ(state.feasible(), evaluation.violations.empty());
      if (state.feasible()) {
        ASSERT_NEAR(state.cost() * tables.cost_unit, evaluation.objective,
                    tolerance * (1 + std::abs(evaluation.objective)));
      }
      ++judged;
    }
  }
  EXPECT_GT(judged, 5000);
}

TEST(CostDescent, LowersTheChargedCostAndUndoesItExactly) {
  support::Random random(12);
  int lowered = 0;
  for (int round = 0; round < 200; ++round) {
    const AssignmentInstance instance = draw(random);
    const Prepared prepared(instance);
    if (!prepared.impossible.empty()) continue;
    const CostTables tables(prepared);
    std::uint64_t work = 0;
    const CostCandidates candidates(tables, capacity_prices(tables, work), 4);
    const std::vector<int> plan = random_plan(prepared, random);
    CostState state(tables, plan);
    set_random_weights(state, random);
    const double before = state.charged();
    CostDescent descent(state, candidates);
    descent.wake_all();
    descent.descend(work, work + 1'000'000);
    ASSERT_LE(state.charged(), before);
    lowered += state.charged() < before ? 1 : 0;
    for (int item = 0; item < tables.items; ++item) ASSERT_TRUE(tables.can(item, state.bin_of(item)));
    descent.undo();
    ASSERT_EQ(state.bin_of(), plan);
    ASSERT_EQ(state.charged(), before);
  }
  EXPECT_GT(lowered, 100);
}

}  // namespace
}  // namespace plimsoll::assignment
