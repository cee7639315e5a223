#include "solvers/mip/writers.hpp"

#include <gtest/gtest.h>

#include "plimsoll/error.hpp"
#include "tests/solvers/mip/models.hpp"

namespace plimsoll::solvers::mip {
namespace {

using Row = std::vector<Entry>;

Model every_kind() {
  Model model;
  model.add_variable(0, 1, 2.5, true, "binary1");
  model.add_variable(-3, infinity, -1, true, "whole");
  model.add_variable(-infinity, infinity, 0, false, "open");
  model.add_variable(-infinity, -2, 0.1, false, "below");
  model.add_variable(4, 4, 1, false, "fixed");
  model.add_row(-infinity, 4, Row{{0, 1}, {1, -2}}, "up");
  model.add_row(1, infinity, Row{{1, 1}, {2, 1}}, "low");
  model.add_row(3, 3, Row{{2, 1}, {3, 1}}, "same");
  model.add_row(-1, 5, Row{{0, 1}, {3, 1e-6}}, "both");
  model.add_row(-infinity, infinity, Row{{4, 1}}, "none");
  return model;
}

TEST(Writers, Mps) {
  EXPECT_EQ(mps_text(every_kind(), "kinds"), R"(NAME kinds FREE
ROWS
 N cost
 L up
 G low
 E same
 L both
COLUMNS
 MARKER 'MARKER' 'INTORG'
 binary1 cost 2.5
 binary1 up 1
 binary1 both 1
 whole cost -1
 whole up -2
 whole low 1
 MARKER 'MARKER' 'INTEND'
 open low 1
 open same 1
 below cost 0.1
 below same 1
 below both 1e-06
 fixed cost 1
RHS
 RHS up 4
 RHS low 1
 RHS same 3
 RHS both 5
RANGES
 RNG both 6
BOUNDS
 LO BND binary1 0
 UP BND binary1 1
 LO BND whole -3
 PL BND whole
 FR BND open
 MI BND below
 UP BND below -2
 FX BND fixed 4
ENDATA
)");
}

TEST(Writers, Lp) {
  EXPECT_EQ(lp_text(every_kind(), "kinds"), R"(\ kinds
Minimize
 cost: + 2.5 binary1 - 1 whole + 0 open + 0.1 below + 1 fixed
Subject To
 up: + 1 binary1 - 2 whole <= 4
 low: + 1 whole + 1 open >= 1
 same: + 1 open + 1 below = 3
 both: + 1 binary1 + 1e-06 below <= 5
 both_low: + 1 binary1 + 1e-06 below >= -1
Bounds
 0 <= binary1 <= 1
 whole >= -3
 open free
 -inf <= below <= -2
 fixed = 4
General
 binary1
 whole
End
)");
}

TEST(SafeNames, KeepsOwnNamesOnlyIfAllAreSafe) {
  const auto names = [](const std::vector<std::string>& own) {
    Model model;
    for (const std::string& name : own) model.add_variable(0, 1, 0, false, name);
    return safe_names(model).variables;
  };
  using Names = std::vector<std::string>;
  EXPECT_EQ(names({"a", "b.1", "C_2"}), (Names{"a", "b.1", "C_2"}));
  const Names numbered = {"x0", "x1"};
  for (const char* bad : {"", "two words", "3x", "e5", "free", "Max", "a+b", "naïve", "st", "INF", "a\nb", "b"}) {
    EXPECT_EQ(names({"b", bad}), numbered) << bad;
  }
  EXPECT_EQ(names({"b", std::string(65, 'a')}), numbered);
}

TEST(Writers, RefuseAModelWithoutVariables) {
  EXPECT_THROW(mps_text(Model()), Error);
  EXPECT_THROW(lp_text(Model()), Error);
}

// A row may already be called as the objective or the second half of another row is.
TEST(Writers, NamesDoNotClash) {
  Model model;
  model.add_variable(0, 1, 1, false, "a");
  model.add_row(0, 1, Row{{0, 1}}, "cost");
  model.add_row(0, 1, Row{{0, 2}}, "cost_low");
  const std::string mps = mps_text(model);
  EXPECT_NE(mps.find(" N cost_\n"), std::string::npos);
  const std::string lp = lp_text(model);
  EXPECT_NE(lp.find(" cost_low_low: + 1 a >= 0"), std::string::npos) << lp;
  EXPECT_NE(lp.find(" cost_low: + 2 a <= 1"), std::string::npos) << lp;
}

}  // namespace
}  // namespace plimsoll::solvers::mip
