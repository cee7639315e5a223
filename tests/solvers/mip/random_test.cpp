// Six hundred tiny models against enumeration: infeasible, unbounded, free and fixed variables, equalities, empty
// rows, costs of millionths and millions.
#include <cmath>

#include "solvers/mip/evaluate.hpp"
#include "tests/solvers/mip/backend_test.hpp"
#include "tests/solvers/mip/tiny.hpp"

namespace plimsoll::solvers::mip {
namespace {

class RandomModels : public EachBackend {};
INSTANTIATE_TEST_SUITE_P(, RandomModels, every_backend(), backend_name);

TEST_P(RandomModels, AgreeWithEnumeration) {
  int infeasible = 0;
  int unbounded = 0;
  int optimal = 0;
  for (std::uint64_t seed = 0; seed < 600; ++seed) {
    constexpr std::array<tiny::Shape, 4> shapes = {tiny::Shape{1, 1}, tiny::Shape{1e-6, 1}, tiny::Shape{1e6, 1e4},
                                                   tiny::Shape{1e-3, 1e-3}};
    const tiny::Shape shape = shapes[seed % shapes.size()];
    const Model model = tiny::random_model(seed, shape);
    const tiny::Optimum expected = tiny::enumerate(model);
    const Result found = solve(model, GetParam());
    SCOPED_TRACE("seed " + std::to_string(seed) + ", status " + std::to_string(static_cast<int>(found.status)) +
                 ", objective " + std::to_string(found.objective / shape.cost) + ", expected " +
                 std::to_string(expected.objective / shape.cost) + " " + found.reason);
    if (!expected.feasible) {
      ++infeasible;
      // The relaxation may be unbounded without a whole-numbered point.
      EXPECT_TRUE(found.status == Status::infeasible || found.status == Status::unbounded);
      EXPECT_TRUE(found.point.empty());
    } else if (!expected.bounded) {
      ++unbounded;
      EXPECT_EQ(found.status, Status::unbounded);
    } else {
      ++optimal;
      ASSERT_EQ(found.status, Status::optimal);
      EXPECT_NEAR(found.objective, expected.objective, 1e-6 * std::max(shape.cost, std::abs(expected.objective)));
      EXPECT_TRUE(evaluate(model, found.point).feasible());
      EXPECT_LE(found.bound, found.objective);
    }
  }
  // The generator has to bring all three.
  EXPECT_GT(infeasible, 40);
  EXPECT_GT(unbounded, 40);
  EXPECT_GT(optimal, 120);
}

// The same models stopped early claim nothing that is wrong.
TEST_P(RandomModels, StoppedEarlyClaimNothingWrong) {
  for (std::uint64_t seed = 1000; seed < 1100; ++seed) {
    const Model model = tiny::random_model(seed, {});
    const tiny::Optimum expected = tiny::enumerate(model);
    for (const double gap : {0.0, 0.3}) {
      Options options;
      options.node_limit = 0;
      options.gap = gap;
      const Result found = solve(model, GetParam(), options);
      SCOPED_TRACE("seed " + std::to_string(seed));
      EXPECT_FALSE(found.status == Status::infeasible && expected.feasible);
      if (found.status == Status::optimal) {
        EXPECT_NEAR(found.objective, expected.objective, 1e-6 * std::max(1.0, std::abs(expected.objective)));
      }
      if (found.status == Status::optimal || found.status == Status::feasible) {
        EXPECT_TRUE(expected.feasible);
        EXPECT_TRUE(evaluate(model, found.point).feasible());
      }
      if (expected.feasible && expected.bounded) {
        EXPECT_LE(found.bound, expected.objective + 1e-6 * std::max(1.0, std::abs(expected.objective)));
      }
    }
  }
}

}  // namespace
}  // namespace plimsoll::solvers::mip
