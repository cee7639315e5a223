// The integer program through both backends against the search over all plans, and against each other.
#include "planner/experts/step/milp.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "planner/experts/step/bound.hpp"
#include "planner/experts/step/evaluate.hpp"
#include "planner/experts/step/formulation/formulation.hpp"
#include "planner/experts/step/method.hpp"
#include "planner/experts/step/solve.hpp"
#include "plimsoll/error.hpp"
#include "solvers/mip/evaluate.hpp"
#include "solvers/mip/solver.hpp"
#include "tests/planner/experts/step/brute_force_step.hpp"
#include "tests/planner/experts/step/judge_step.hpp"
#include "tests/planner/experts/step/random_step.hpp"
#include "tests/planner/experts/step/random_step_plan.hpp"
#include "tests/planner/experts/step/tiny_instances.hpp"

namespace plimsoll::testing {
namespace {

namespace step = experts::step;
namespace mip = solvers::mip;

StepSolution solved(const StepInstance& instance, const std::string& method, std::uint64_t work = 400'000'000) {
  SolveOptions options;
  options.method = method;
  options.work_limit = work;
  return solve(instance, options);
}

std::vector<std::string> programs() {
  std::vector<std::string> names;
  for (const mip::Backend backend : mip::backends()) names.push_back("milp-" + mip::name(backend));
  return names;
}

TEST(StepProgram, FindsAndProvesTheBestPlansOfTinySteps) {
  if (programs().empty()) GTEST_SKIP() << "this build has no backend";
  int instances = 0;
  int proven = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    const StepInstance instance = searchable_step(seed);
    const double best = BruteForceStep(instance).best();
    for (const std::string& method : programs()) {
      const StepSolution solution = solved(instance, method);
      const Certificate& certificate = solution.certificate;
      if (std::isinf(best)) {
        EXPECT_FALSE(certificate.objective) << "seed " << seed << " " << method;
        continue;
      }
      ++instances;
      ASSERT_TRUE(certificate.objective) << "seed " << seed << " " << method;
      const auto judged = judge_step(instance, solution.plan);
      ASSERT_TRUE(judged) << "seed " << seed << " " << method;
      EXPECT_NEAR(*judged, *certificate.objective, 1e-9 * best) << "seed " << seed << " " << method;
      // Neither better than possible, nor a bound above what is.
      EXPECT_GE(*certificate.objective, best * (1 - 1e-9)) << "seed " << seed << " " << method;
      EXPECT_LE(*certificate.bound, best * (1 + 1e-7))
          << "seed " << seed << " " << method << " " << certificate.bound_method;
      if (certificate.status == Status::optimal) ++proven;
      EXPECT_TRUE(check(instance, solution.plan, &certificate).empty()) << "seed " << seed << " " << method;
    }
  }
  EXPECT_GE(proven, instances * 8 / 10);
}

// A plan is a point of the program, worth as much; and the point is the plan again.
TEST(StepProgram, PlansArePoints) {
  int points = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    const StepInstance instance = tiny_step(seed);
    const step::Prepared prepared(instance);
    const auto plan = StepPlanMaker(instance, seed).make();
    if (!plan || !prepared.impossible.empty()) continue;
    const step::Evaluation evaluation = step::evaluate(instance, *plan);
    if (!evaluation.violations.empty()) continue;
    const step::Bounds bounds = step::quick_bounds(prepared);
    if (!instance.sources.empty()) {
      EXPECT_THROW(step::Formulation(prepared, {bounds.seconds, 0, mip::infinity}), Error) << "seed " << seed;
      continue;
    }
    const step::Formulation formulation(prepared, {bounds.seconds, bounds.objective, mip::infinity});
    const auto point = formulation.encode(*plan, evaluation);
    if (!point) continue;
    ++points;
    const auto found = mip::evaluate(formulation.model(), *point);
    EXPECT_TRUE(found.feasible()) << "seed " << seed << ": " << found.most_violated << " " << found.violation;
    EXPECT_LE(found.objective * formulation.unit(), evaluation.objective * (1 + 1e-9) + 1e-12) << "seed " << seed;
  }
  EXPECT_GE(points, 80);
}

TEST(StepProgram, BackendsAgreeOnRandomSteps) {
  if (programs().size() < 2) GTEST_SKIP() << "this build has one backend at most";
  int compared = 0;
  for (std::uint64_t seed = 1; seed <= 24; ++seed) {
    const StepInstance instance = tiny_step(seed);
    if (!instance.sources.empty()) continue;
    const StepSolution first = solved(instance, programs()[0], 5'000'000);
    const StepSolution second = solved(instance, programs()[1], 5'000'000);
    for (const StepSolution* solution : {&first, &second}) {
      if (!solution->certificate.objective) continue;
      EXPECT_TRUE(check(instance, solution->plan, &solution->certificate).empty()) << "seed " << seed;
    }
    const auto& a = first.certificate;
    const auto& b = second.certificate;
    if (!a.objective || !b.objective) continue;
    ++compared;
    EXPECT_LE(*a.bound, *b.objective * (1 + 1e-7)) << "seed " << seed << " " << a.bound_method;
    EXPECT_LE(*b.bound, *a.objective * (1 + 1e-7)) << "seed " << seed << " " << b.bound_method;
  }
  EXPECT_GE(compared, 8);
}

}  // namespace
}  // namespace plimsoll::testing
