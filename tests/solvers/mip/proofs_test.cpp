#include "solvers/mip/proofs.hpp"

#include <gtest/gtest.h>

#include "plimsoll/error.hpp"
#include "support/random.hpp"
#include "tests/solvers/mip/models.hpp"
#include "tests/solvers/mip/tiny.hpp"

namespace plimsoll::solvers::mip {
namespace {

using Multipliers = std::vector<double>;
using Row = std::vector<Entry>;

// minimise x + y with x + y >= 3, both in [0, 2].
Model pair() {
  Model model;
  model.add_variable(0, 2, 1, false);
  model.add_variable(0, 2, 1, false);
  model.add_row(3, infinity, Row{{0, 1}, {1, 1}});
  return model;
}

TEST(DualBound, IsTightForTheRightMultipliers) {
  EXPECT_LE(dual_bound(pair(), Multipliers{1}), 3);
  EXPECT_NEAR(dual_bound(pair(), Multipliers{1}), 3, 1e-12);
  EXPECT_NEAR(dual_bound(pair(), Multipliers{0.5}), 1.5, 1e-12);
  EXPECT_NEAR(dual_bound(pair(), Multipliers{0}), 0, 1e-12);
  EXPECT_NEAR(dual_bound(pair(), Multipliers{2}), 6 - 4, 1e-12);
  // Leaning on the bound that is not there proves nothing; it is taken as 0.
  EXPECT_NEAR(dual_bound(pair(), Multipliers{-1}), 0, 1e-12);
  EXPECT_THROW(dual_bound(pair(), Multipliers{1, 1}), Error);
}

// Whatever the multipliers: no point lies below.
TEST(DualBound, HoldsForAnyMultipliers) {
  support::Random random(5);
  int proven = 0;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const Model model = tiny::random_model(seed, {});
    const tiny::Optimum optimum = tiny::enumerate(model);
    for (int trial = 0; trial < 10; ++trial) {
      Multipliers multipliers;
      for (int row = 0; row < model.rows(); ++row) multipliers.push_back(static_cast<double>(random.below(13)) / 3 - 2);
      const double bound = dual_bound(model, multipliers);
      EXPECT_TRUE(!optimum.feasible || bound <= optimum.objective + 1e-9) << "seed " << seed;
      if (proves_infeasible(model, multipliers)) {
        ++proven;
        EXPECT_FALSE(optimum.feasible) << "seed " << seed;
      }
    }
  }
  EXPECT_GT(proven, 20);
}

// -0.05 + 1e15 - 1e15 is 0 in doubles: the sum as it comes out would prove 0, but -5 can be reached.
TEST(DualBound, AllowsForRounding) {
  Model model;
  const int x = model.add_variable(0, 100, -0.05, false);
  const int y = model.add_variable(0, 100, 0, false);
  model.add_row(0, infinity, Row{{x, -1e15}, {y, 1e15}});
  model.add_row(0, infinity, Row{{x, 1e15}, {y, -1e15}});
  EXPECT_LE(dual_bound(model, Multipliers{1, 1}), -5);
}

TEST(HopelessRow, IsFoundFromBoundsAlone) {
  Model model = pair();
  EXPECT_TRUE(hopeless_row(model).empty());
  model.set_row_bounds(0, 5, infinity);
  EXPECT_EQ(hopeless_row(model), (Multipliers{1}));
  EXPECT_TRUE(proves_infeasible(model, hopeless_row(model)));
  model.set_row_bounds(0, -infinity, -1);
  EXPECT_EQ(hopeless_row(model), (Multipliers{-1}));
  EXPECT_TRUE(proves_infeasible(model, hopeless_row(model)));
  model.set_bounds(0, -infinity, 2);
  EXPECT_TRUE(hopeless_row(model).empty());
}

TEST(SupportEachOther, OnlyAtTheOptimum) {
  EXPECT_TRUE(support_each_other(pair(), Multipliers{1, 2}, Multipliers{1}));
  EXPECT_FALSE(support_each_other(pair(), Multipliers{2, 2}, Multipliers{1}));
  EXPECT_FALSE(support_each_other(pair(), Multipliers{1, 2}, Multipliers{0}));
  // A free variable has nothing to lean on.
  Model free;
  free.add_variable(-infinity, infinity, 1, false);
  EXPECT_FALSE(support_each_other(free, Multipliers{0}, Multipliers{}));
}

TEST(ProvesUnbounded, NeedsOpenBoundsAndAFallingObjective) {
  Model model;
  model.add_variable(0, infinity, -1, false);
  model.add_variable(0, infinity, 0.5, false);
  model.add_row(-infinity, 1, Row{{0, 1}, {1, -1}});
  EXPECT_TRUE(proves_unbounded(model, Multipliers{1, 1}));
  EXPECT_FALSE(proves_unbounded(model, Multipliers{1, 0}));    // breaks the row
  EXPECT_FALSE(proves_unbounded(model, Multipliers{-1, -1}));  // breaks the bounds
  EXPECT_FALSE(proves_unbounded(model, Multipliers{0, 1}));    // rises
  EXPECT_FALSE(proves_unbounded(model, Multipliers{0, 0}));
}

}  // namespace
}  // namespace plimsoll::solvers::mip
