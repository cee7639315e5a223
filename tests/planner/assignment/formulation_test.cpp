// The integer program: plans as points and back, rows that say what the evaluation says.
#include "planner/assignment/formulation.hpp"

#include <gtest/gtest.h>

#include "planner/assignment/evaluate.hpp"
#include "plimsoll/error.hpp"
#include "solvers/mip/evaluate.hpp"
#include "support/random.hpp"
#include "tests/planner/assignment/random_instance.hpp"

namespace plimsoll::assignment {
namespace {

TEST(AssignmentFormulation, PointsAreFeasibleWherePlansAreAndCostTheSame) {
  int feasible = 0;
  int broken = 0;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    support::Random random(seed, 7);
    const auto objective = seed % 2 == 0 ? AssignmentObjective::cost : AssignmentObjective::makespan;
    const AssignmentInstance instance = testing::random_assignment(random, objective);
    const Prepared prepared(instance);
    if (!prepared.impossible.empty()) continue;
    const Formulation formulation(prepared);
    for (int trial = 0; trial < 10; ++trial) {
      std::vector<int> bin_of;
      for (int item = 0; item < prepared.items; ++item) {
        bin_of.push_back(static_cast<int>(random.below(static_cast<std::size_t>(prepared.bins))));
      }
      const Evaluation evaluation = evaluate(instance, prepared.expand(bin_of));
      const auto point = formulation.encode(bin_of);
      const bool fits = point && solvers::mip::evaluate(formulation.model(), *point).feasible();
      ASSERT_EQ(fits, evaluation.violations.empty()) << seed;
      ++(fits ? feasible : broken);
      if (!fits) continue;
      const double value = solvers::mip::evaluate(formulation.model(), *point).objective;
      ASSERT_NEAR(value, evaluation.objective, 1e-9 * std::max(1.0, std::abs(value))) << seed;
      // On alike machines the point names bins anew; what shares a bin still does.
      const std::vector<int> back = formulation.decode(*point);
      for (std::size_t a = 0; a < back.size(); ++a) {
        for (std::size_t b = 0; b < a; ++b) ASSERT_EQ(back[a] == back[b], bin_of[a] == bin_of[b]) << seed;
      }
    }
  }
  EXPECT_GT(feasible, 200);
  EXPECT_GT(broken, 200);
}

TEST(AssignmentFormulation, RefusesWhatNoBackendWouldFinish) {
  AssignmentInstance instance;
  instance.objective = AssignmentObjective::makespan;
  instance.bins = 3000;
  instance.items = 2000;
  instance.size = Matrix<double>(3000, 2000, 1.0);
  const Prepared prepared(instance);
  EXPECT_THROW(Formulation{prepared}, Error);
}

}  // namespace
}  // namespace plimsoll::assignment
