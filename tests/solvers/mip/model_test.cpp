#include "solvers/mip/model.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "plimsoll/error.hpp"

namespace plimsoll::solvers::mip {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

template <class Call>
std::string refusal(Call&& call) {
  try {
    call();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::usage);
    return error.what();
  }
  return "accepted";
}

using Row = std::vector<Entry>;

TEST(Model, KeepsWhatItIsGiven) {
  Model model;
  EXPECT_EQ(model.add_variable(-1, 2, 3, false, "a"), 0);
  EXPECT_EQ(model.add_variable(0, infinity, 0, true), 1);
  EXPECT_EQ(model.add_row(-infinity, 4, Row{{0, 1}, {1, -2}}, "first"), 0);
  EXPECT_EQ(model.variables(), 2);
  EXPECT_EQ(model.rows(), 1);
  EXPECT_EQ(model.entries(), 2U);
  EXPECT_TRUE(model.has_integers());
  EXPECT_TRUE(model.has_continuous());
  EXPECT_EQ(model.variable(0).name, "a");
  EXPECT_EQ(model.row_name(0), "first");
  EXPECT_EQ(model.row(0)[1].variable, 1);
  EXPECT_EQ(model.row(0)[1].coefficient, -2);
}

TEST(Model, RefusesNumbersThatAreNone) {
  Model model;
  model.add_variable(0, 1, 1, true);
  EXPECT_NE(refusal([&] { model.add_variable(0, 1, nan, true); }), "accepted");
  EXPECT_NE(refusal([&] { model.add_variable(nan, 1, 0, true); }), "accepted");
  EXPECT_NE(refusal([&] { model.add_variable(0, nan, 0, false); }), "accepted");
  EXPECT_NE(refusal([&] { model.add_variable(0, 1, infinity, false); }), "accepted");
  EXPECT_NE(refusal([&] { model.add_row(0, 1, Row{{0, nan}}); }), "accepted");
  EXPECT_NE(refusal([&] { model.add_row(0, 1, Row{{0, infinity}}); }), "accepted");
  EXPECT_NE(refusal([&] { model.add_row(nan, 1, Row{{0, 1}}); }), "accepted");
  EXPECT_NE(refusal([&] { model.set_cost(0, nan); }), "accepted");
  EXPECT_NE(refusal([&] { model.set_bounds(0, 0, nan); }), "accepted");
  EXPECT_EQ(model.variables(), 1);
  EXPECT_EQ(model.rows(), 0);
}

TEST(Model, RefusesNumbersOutOfRange) {
  Model model;
  model.add_variable(0, 1, 1, false, "share");
  EXPECT_NE(refusal([&] { model.add_variable(0, 2e15, 0, false); }), "accepted");
  EXPECT_NE(refusal([&] { model.add_variable(infinity, infinity, 0, false); }), "accepted");
  EXPECT_NE(refusal([&] { model.add_variable(-infinity, -infinity, 0, false); }), "accepted");
  EXPECT_NE(refusal([&] { model.add_variable(0, 1, -2e15, false); }), "accepted");
  EXPECT_NE(refusal([&] { model.add_row(0, 1, Row{{0, 1e16}}); }), "accepted");
  EXPECT_EQ(refusal([&] {
              model.add_row(0, 1, Row{{0, 1e-10}}, "tiny");
            }),
            "row 0 (\"tiny\"): the coefficient of variable 0 (\"share\") is 1e-10, expected 0 or between 1e-9 and 1e15 "
            "in size");
}

TEST(Model, RefusesCrossedBounds) {
  Model model;
  EXPECT_EQ(refusal([&] { model.add_variable(2, 1, 0, false, "x"); }),
            "variable 0 (\"x\"): the lower bound is 2, expected at most the upper bound 1");
  // No whole number between 0.2 and 0.8.
  EXPECT_NE(refusal([&] { model.add_variable(0.2, 0.8, 0, true); }), "accepted");
  model.add_variable(0.2, 2.8, 0, true);
  EXPECT_EQ(model.variable(0).lower, 1);
  EXPECT_EQ(model.variable(0).upper, 2);
  EXPECT_NE(refusal([&] { model.add_row(1, 0, Row{{0, 1}}); }), "accepted");
}

TEST(Model, RefusesUnknownVariables) {
  Model model;
  model.add_variable(0, 1, 1, true);
  EXPECT_EQ(refusal([&] {
              model.add_row(0, 1, Row{{0, 1}, {1, 1}});
            }),
            "row 0: entry 1 names variable 1, but there are 1");
  EXPECT_NE(refusal([&] { model.add_row(0, 1, Row{{-1, 1}}); }), "accepted");
  EXPECT_NE(refusal([&] { model.set_cost(1, 0); }), "accepted");
  EXPECT_NE(refusal([&] { model.set_bounds(-1, 0, 1); }), "accepted");
  EXPECT_NE(refusal([&] { model.set_row_bounds(0, 0, 1); }), "accepted");
}

TEST(Model, RefusesAVariableThatComesTwice) {
  Model model;
  model.add_variable(0, 1, 1, true);
  model.add_variable(0, 1, 1, true, "b");
  EXPECT_EQ(refusal([&] {
              model.add_row(0, 1, Row{{1, 1}, {0, 2}, {1, 3}});
            }),
            "row 0: variable 1 (\"b\") appears twice");
  EXPECT_NE(refusal([&] { model.add_row(0, 1, Row{{0, 0}, {0, 3}}); }), "accepted");
  // The refused row has left nothing behind.
  EXPECT_EQ(model.entries(), 0U);
  EXPECT_EQ(model.add_row(0, 1, Row{{0, 1}, {1, 1}}), 0);
  EXPECT_EQ(model.entries(), 2U);
}

TEST(Model, DropsZeros) {
  Model model;
  model.add_variable(-0.0, 1, -0.0, false);
  model.add_row(0, 1, Row{{0, 0}});
  EXPECT_EQ(model.row(0).size(), 0U);
  EXPECT_FALSE(std::signbit(model.variable(0).lower));
  EXPECT_FALSE(std::signbit(model.variable(0).cost));
}

}  // namespace
}  // namespace plimsoll::solvers::mip
