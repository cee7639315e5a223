#include "planner/experts/exact/lattice.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "support/random.hpp"

namespace plimsoll::experts {
namespace {

Lattice of(const std::vector<double>& values) { return Lattice(values); }

TEST(Lattice, OfWholeNumbersIsTheirGreatestCommonDivisor) {
  EXPECT_DOUBLE_EQ(of({12, 18, 30}).unit(), 6);
  EXPECT_DOUBLE_EQ(of({7, 11}).unit(), 1);
  EXPECT_DOUBLE_EQ(of({5, 0, 0}).unit(), 5);
}

TEST(Lattice, OfLoadsCutIntoEqualPartsIsAFraction) {
  EXPECT_NEAR(of({90.0, 45.0, 30.0, 132.0 / 7}).unit(), 3.0 / 7, 1e-12);
  EXPECT_NEAR(of({0.7, 0.7 / 2, 2.1 / 3}).unit(), 0.35, 1e-12);
}

TEST(Lattice, IsNotThereWhereValuesHaveNothingInCommon) {
  EXPECT_EQ(of({1.0, 1.41421356237309515}).unit(), 0);
  EXPECT_EQ(of({1.0, 1.0 + 1e-7}).unit(), 0);
  EXPECT_EQ(of({}).unit(), 0);
  EXPECT_EQ(of({0, 0}).unit(), 0);
  EXPECT_EQ(of({1.0, 1.41421356237309515}).down(2.5), 2.5);
}

// down() may never fall below a sum that fits: a proof would then miss a plan.
TEST(Lattice, NeverRoundsBelowASumThatFits) {
  support::Random random(7);
  for (int round = 0; round < 2000; ++round) {
    std::vector<double> values;
    const double scale = random.below(2) == 0 ? 1.0 : 0.7e-6;
    for (int k = 0; k < 4; ++k) {
      const double load = scale * static_cast<double>(1 + random.below(200));
      for (int parts = 1; parts <= 4; ++parts) values.push_back(load / parts);
    }
    double sum = 0;
    for (int k = 0; k < 12; ++k) sum += values[random.below(values.size())];
    const Lattice lattice = of(values);
    EXPECT_GE(lattice.down(sum), sum) << round;
    EXPECT_GE(lattice.down(sum * (1 + 1e-6)), sum) << round;
    EXPECT_LE(lattice.down(sum), sum * (1 + 1e-9)) << round;
    if (lattice.unit() > 0) {
      EXPECT_LT(lattice.down(sum - lattice.unit() / 2), sum) << round;
    }
  }
}

}  // namespace
}  // namespace plimsoll::experts
