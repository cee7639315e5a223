// No bound is above what any plan is worth.
#include "planner/experts/step/bound.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>

#include "planner/experts/step/bounds/coupling.hpp"
#include "planner/experts/step/evaluate.hpp"
#include "planner/experts/step/solve.hpp"
#include "solvers/lp/linear_program.hpp"
#include "tests/planner/experts/step/brute_force_step.hpp"
#include "tests/planner/experts/step/random_step.hpp"
#include "tests/planner/experts/step/random_step_plan.hpp"
#include "tests/planner/experts/step/tiny_instances.hpp"

namespace plimsoll::testing {
namespace {

namespace step = experts::step;

support::Meter unlimited() { return support::Meter(std::numeric_limits<std::uint64_t>::max(), std::nullopt, nullptr); }

step::Bounds tight(const step::Prepared& prepared) {
  support::Meter meter = unlimited();
  step::Bounds bounds = step::quick_bounds(prepared);
  step::tighten(prepared, {}, 1, meter, bounds);
  return bounds;
}

TEST(StepBounds, HoldForTheBestPlansOfTinySteps) {
  int closed = 0;
  int coupled = 0;
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    const StepInstance instance = searchable_step(seed);
    const double best = BruteForceStep(instance).best();
    if (std::isinf(best)) continue;
    const step::Prepared prepared(instance);
    const double quick = step::quick_bounds(prepared).objective;
    const step::Bounds bounds = tight(prepared);
    EXPECT_LE(quick, best * (1 + 1e-12)) << "seed " << seed;
    EXPECT_LE(bounds.objective, best * (1 + 1e-12)) << "seed " << seed << " " << bounds.method;
    EXPECT_GE(bounds.objective, quick) << "seed " << seed;
    if (bounds.objective >= best * (1 - 1e-9)) ++closed;
    if (bounds.objective > quick * (1 + 1e-9)) ++coupled;
  }
  // Loose enough for other instances, tight enough to notice a bound that is no longer there.
  EXPECT_GE(closed, 30);
  EXPECT_GE(coupled, 5);
}

TEST(StepBounds, HoldForRandomPlansOfRandomSteps) {
  int plans = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    const StepInstance instance = seed % 2 == 0 ? medium_step(seed) : tiny_step(seed);
    const step::Prepared prepared(instance);
    std::optional<step::Bounds> bounds;
    for (std::uint64_t attempt = 0; attempt < 3; ++attempt) {
      const auto plan = StepPlanMaker(instance, seed * 10 + attempt).make();
      if (!plan) continue;
      const step::Evaluation evaluation = step::evaluate(instance, *plan);
      if (!evaluation.violations.empty()) continue;
      ++plans;
      if (!bounds) bounds = tight(prepared);
      const double tolerance = 1e-12 * evaluation.objective;
      EXPECT_LE(bounds->objective, evaluation.objective + tolerance) << "seed " << seed << " " << bounds->method;
      const Matrix<double> seconds = step::largest_seconds(evaluation);
      for (std::size_t m = 0; m < seconds.rows(); ++m) {
        for (std::size_t l = 0; l < seconds.columns(); ++l) {
          EXPECT_LE(bounds->seconds.at(m, l), seconds.at(m, l) * (1 + 1e-11)) << "seed " << seed;
        }
      }
      // What is close to a plan may be left out, and nothing else.
      support::Meter meter = unlimited();
      step::Bounds near = step::quick_bounds(prepared);
      step::tighten(prepared, seconds, 1, meter, near);
      EXPECT_LE(near.objective, evaluation.objective + tolerance) << "seed " << seed << " " << near.method;
    }
  }
  EXPECT_GE(plans, 200);
}

// Without transient slots one set of replicas serves all micro-steps. Expert 0 has all tokens in one and expert 1 in
// the other: with two replicas of one of them the other takes twice the mean.
TEST(StepBounds, BaseReplicasAreTheSameInAllMicrosteps) {
  if (!solvers::lp::available()) GTEST_SKIP() << "this build has no Clp";
  StepInstance instance;
  ExpertInstance& experts = instance.experts;
  experts.model.experts = 3;
  experts.cluster.devices_per_node = 4;
  experts.cluster.slots = {1, 1, 1, 1};
  experts.cluster.speed = {1, 1, 1, 1};
  instance.load = {Matrix<double>(1, 3, std::vector<double>{20, 20, 0}),
                   Matrix<double>(1, 3, std::vector<double>{0, 20, 20})};
  experts.load = Matrix<double>(1, 3, std::vector<double>{20, 40, 20});
  instance.schedule = step::default_schedule(2, false);
  const step::Prepared prepared(instance);
  // Each micro-step alone: four slots, one for the expert without tokens, so 20 tokens on one device.
  EXPECT_NEAR(step::quick_bounds(prepared).objective, 40, 1e-9);
  EXPECT_LE(tight(prepared).objective, 40 * (1 + 1e-12));
  instance.load = {Matrix<double>(1, 3, std::vector<double>{40, 1, 1}),
                   Matrix<double>(1, 3, std::vector<double>{1, 40, 1})};
  const step::Prepared changed(instance);
  // 20 alone in each micro-step; together one of the two stays whole.
  EXPECT_NEAR(step::quick_bounds(changed).objective, 40, 1e-9);
  EXPECT_NEAR(tight(changed).objective, 60, 1e-3 * 60);
}

// Two devices on two nodes, a transient slot each, no host memory: a second apart, half as long with a copy.
TEST(StepBounds, LinksThatAreTooSlowAreCharged) {
  StepInstance instance;
  ExpertInstance& experts = instance.experts;
  experts.model.experts = 2;
  experts.model.expert_bytes = 100;
  experts.cluster.nodes = 2;
  experts.cluster.slots = {1, 1};
  experts.cluster.speed = {1, 1};
  experts.cluster.link = Link{0, 1, 0, 0};
  instance.transient_slots = 1;
  for (int m = 0; m < 3; ++m) {
    instance.load.push_back(Matrix<double>(1, 2, m % 2 == 0 ? std::vector<double>{10, 0} : std::vector<double>{0, 10}));
  }
  experts.load = Matrix<double>(1, 2, std::vector<double>{20, 10});
  instance.schedule = step::default_schedule(3, false);
  const step::Prepared prepared(instance);
  EXPECT_NEAR(step::arrivals_per_second(prepared), 2.0 / 100, 1e-12);
  EXPECT_LE(tight(prepared).objective, BruteForceStep(instance).best() * (1 + 1e-12));
}

}  // namespace
}  // namespace plimsoll::testing
