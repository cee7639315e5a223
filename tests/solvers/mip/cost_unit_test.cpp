#include "solvers/mip/cost_unit.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace plimsoll::solvers::mip {
namespace {

Model with_costs(const std::vector<double>& costs, bool integer = true) {
  Model model;
  for (const double cost : costs) model.add_variable(0, 1, cost, integer);
  return model;
}

TEST(ObjectiveStep, IsTheGreatestCommonDivisor) {
  EXPECT_EQ(objective_step(with_costs({6, -10, 0, 4})), 2);
  EXPECT_EQ(objective_step(with_costs({0.75, 1.5})), 0.75);
  EXPECT_EQ(objective_step(with_costs({7})), 7);
  EXPECT_EQ(objective_step(with_costs({1e15, 3})), 1);
}

TEST(ObjectiveStep, IsMissingWhereValuesAreDense) {
  EXPECT_EQ(objective_step(with_costs({})), 0);
  EXPECT_EQ(objective_step(with_costs({0, 0})), 0);
  EXPECT_EQ(objective_step(with_costs({2, 3}, false)), 0);
  // Neither is the decimal that it looks like; a common divisor would be below the rounding of their sums.
  EXPECT_EQ(objective_step(with_costs({0.1, 1e15})), 0);
}

TEST(CostUnit, MakesCostsWholeOrOfSizeOne) {
  EXPECT_EQ(cost_unit(with_costs({6, 10})), 2);
  EXPECT_EQ(cost_unit(with_costs({6e-6, 1e-6}, false)), 0x1p-18);
  EXPECT_EQ(cost_unit(with_costs({1, 3e6})), 0x1p21);
  EXPECT_EQ(cost_unit(with_costs({0})), 1);
}

TEST(LiftedToStep, GoesToTheNextMultipleButNotOnDoubt) {
  EXPECT_EQ(lifted_to_step(4.2, 1), 5);
  EXPECT_EQ(lifted_to_step(4.2, 2), 6);
  EXPECT_EQ(lifted_to_step(-4.2, 1), -4);
  // The true bound may be 4.
  EXPECT_EQ(lifted_to_step(4.0000001, 1), 4.0000001);
  EXPECT_EQ(lifted_to_step(4, 1), 4);
  EXPECT_EQ(lifted_to_step(4.2, 0), 4.2);
  EXPECT_EQ(lifted_to_step(-infinity, 1), -infinity);
  // Above 1e6 steps the last digits are a backend's guess.
  EXPECT_EQ(lifted_to_step(12345678.2, 1), 12345678.2);
}

}  // namespace
}  // namespace plimsoll::solvers::mip
