#include "solvers/mip/evaluate.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "plimsoll/error.hpp"
#include "tests/solvers/mip/models.hpp"

namespace plimsoll::solvers::mip {
namespace {

using Point = std::vector<double>;

TEST(Evaluate, AFeasiblePoint) {
  const Evaluation found = evaluate(models::knapsack(), Point{0, 1, 1, 1});
  EXPECT_TRUE(found.feasible());
  EXPECT_EQ(found.objective, -21);
  EXPECT_EQ(found.violation, 0);
  EXPECT_EQ(found.most_violated, "");
}

TEST(Evaluate, NamesTheWorstViolation) {
  const Evaluation row = evaluate(models::knapsack(), Point{1, 1, 1, 0});
  EXPECT_FALSE(row.feasible());
  EXPECT_DOUBLE_EQ(row.violation, 2.0 / 14.0);
  EXPECT_EQ(row.most_violated, "row 0");
  const Evaluation bound = evaluate(models::knapsack(), Point{0, 2, 0, 0});
  EXPECT_FALSE(bound.feasible());
  EXPECT_EQ(bound.most_violated, "variable 1");
}

TEST(Evaluate, WholeVariablesMustBeWhole) {
  const Evaluation found = evaluate(models::knapsack(), Point{1e-9, 1, 1, 1});
  EXPECT_EQ(found.fraction, 1e-9);
  EXPECT_FALSE(found.feasible());
}

TEST(Evaluate, NumbersThatAreNoneAreInfeasible) {
  EXPECT_FALSE(evaluate(models::knapsack(), Point{std::numeric_limits<double>::quiet_NaN(), 0, 0, 0}).feasible());
  EXPECT_FALSE(evaluate(models::knapsack(), Point{infinity, 0, 0, 0}).feasible());
  EXPECT_FALSE(evaluate(models::knapsack(), Point{-infinity, 0, 0, 0}).feasible());
}

TEST(Evaluate, RefusesAPointOfAnotherSize) { EXPECT_THROW(evaluate(models::knapsack(), Point{0, 0, 0}), Error); }

TEST(Evaluate, SumsWithoutLosingSmallTerms) {
  Model model;
  std::vector<Entry> row;
  for (int j = 0; j < 3; ++j) row.push_back({model.add_variable(-1e15, 1e15, 1, false), 1});
  model.add_row(1, 1, row);
  // Added up in this order without care, the 1 is lost and the row is missed by it.
  const Evaluation found = evaluate(model, Point{1e15, 0.125, -1e15 + 0.875});
  EXPECT_EQ(found.objective, 1);
  EXPECT_TRUE(found.feasible());
}

TEST(Tidied, RoundsAndClamps) {
  Model model;
  model.add_variable(0, 1, 0, true);
  model.add_variable(0, 1, 0, true);
  model.add_variable(0, 1, 0, false);
  model.add_variable(0, 1, 0, false);
  const Point point = tidied(model, Point{0.99995, 0.9, 1 + 5e-7, 1.5});
  EXPECT_EQ(point, (Point{1, 0.9, 1, 1.5}));
}

TEST(TrivialBound, AddsTheBestEnds) {
  Model model;
  model.add_variable(-2, 3, 1.5, false);
  model.add_variable(-2, 3, -1, true);
  model.add_variable(-infinity, infinity, 0, false);
  EXPECT_EQ(trivial_bound(model), -3 - 3);
  model.add_variable(-infinity, 0, 1, false);
  EXPECT_EQ(trivial_bound(model), -infinity);
}

}  // namespace
}  // namespace plimsoll::solvers::mip
