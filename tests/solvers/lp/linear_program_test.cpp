#include "solvers/lp/linear_program.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <thread>

#include "plimsoll/error.hpp"
#include "solvers/lp/dual_bound.hpp"
#include "solvers/mip/evaluate.hpp"
#include "tests/solvers/captured.hpp"
#include "tests/solvers/mip/models.hpp"
#include "tests/solvers/mip/tiny.hpp"

namespace plimsoll::solvers::lp {
namespace {

using mip::infinity;
using mip::Model;
using Row = std::vector<mip::Entry>;

class Linear : public testing::Test {
 protected:
  void SetUp() override {
    if (!available()) GTEST_SKIP() << "this build has no Clp";
  }
};

// minimise 2 x + 3 y with x + 2 y >= 4, 0 <= x, 0 <= y <= 1.5: x = 1, y = 1.5.
Model small() {
  Model model;
  const int x = model.add_variable(0, infinity, 2, false);
  const int y = model.add_variable(0, 1.5, 3, false);
  model.add_row(4, infinity, Row{{x, 1}, {y, 2}});
  return model;
}

TEST_F(Linear, SolvesAndBounds) {
  LinearProgram program(small());
  const Solution found = program.solve();
  EXPECT_EQ(found.status, Status::optimal);
  EXPECT_EQ(found.stopped_by, StoppedBy::optimal);
  EXPECT_DOUBLE_EQ(found.objective, 6.5);
  EXPECT_EQ(found.point, (std::vector<double>{1, 1.5}));
  EXPECT_LE(found.bound, 6.5);
  EXPECT_NEAR(found.bound, 6.5, 1e-9);
}

// A dual is what one more unit of the row's bound costs.
TEST_F(Linear, DualsHaveTheSignOfAMinimisation) {
  LinearProgram program(small());
  const Solution found = program.solve();
  ASSERT_EQ(found.duals.size(), 1U);
  EXPECT_DOUBLE_EQ(found.duals[0], 2);
  EXPECT_DOUBLE_EQ(found.reduced_costs[0], 0);
  EXPECT_DOUBLE_EQ(found.reduced_costs[1], -1);
  program.set_row_bounds(0, 5, infinity);
  EXPECT_DOUBLE_EQ(program.solve().objective, 6.5 + found.duals[0]);
  Model upper;
  const int x = upper.add_variable(0, infinity, -3, false);
  upper.add_row(-infinity, 7, Row{{x, 1}});
  LinearProgram other(upper);
  const Solution at_upper = other.solve();
  EXPECT_DOUBLE_EQ(at_upper.objective, -21);
  EXPECT_DOUBLE_EQ(at_upper.duals[0], -3);
}

TEST_F(Linear, ReducedCostsAreThoseOfTheDuals) {
  const Model model = mip::models::assignment(6, 30, 4);
  LinearProgram program(model);
  const Solution found = program.solve();
  ASSERT_EQ(found.status, Status::optimal);
  std::vector<double> reduced;
  for (int j = 0; j < model.variables(); ++j) reduced.push_back(model.variable(j).cost);
  for (int i = 0; i < model.rows(); ++i) {
    for (const auto [index, coefficient] : model.row(i)) {
      reduced[static_cast<std::size_t>(index)] -= found.duals[static_cast<std::size_t>(i)] * coefficient;
    }
  }
  for (std::size_t j = 0; j < reduced.size(); ++j) EXPECT_NEAR(reduced[j], found.reduced_costs[j], 1e-7);
  EXPECT_NEAR(found.bound, found.objective, 1e-6);
  EXPECT_LE(found.bound, found.objective);
}

TEST_F(Linear, AFewChangesTakeFewIterations) {
  Model model = mip::models::assignment(20, 200, 1);
  LinearProgram warm(model);
  const int cold = warm.solve().iterations;
  EXPECT_GT(cold, 100);
  for (int j = 0; j < 20; ++j) {
    warm.set_bounds(j * 7, 0, 0);
    model.set_bounds(j * 7, 0, 0);
  }
  const Solution again = warm.solve();
  LinearProgram fresh(model);
  const Solution expected = fresh.solve();
  EXPECT_NEAR(again.objective, expected.objective, 1e-7 * expected.objective);
  EXPECT_LT(again.iterations * 4, expected.iterations);
  // Costs alone leave the basis primal feasible.
  for (int j = 0; j < 20; ++j) warm.set_cost(j * 11, 60);
  EXPECT_LT(warm.solve().iterations * 4, expected.iterations);
  // Nothing has changed: nothing to do.
  EXPECT_EQ(warm.solve().iterations, 0);
}

TEST_F(Linear, InfeasibleWithAProofThatHolds) {
  Model model = small();
  model.add_row(-infinity, 3, Row{{0, 1}, {1, 2}});
  LinearProgram program(model);
  const Solution found = program.solve();
  EXPECT_EQ(found.status, Status::infeasible);
  EXPECT_EQ(found.bound, infinity);
  ASSERT_EQ(found.ray.size(), 2U);
  EXPECT_TRUE(proves_infeasible(model, found.ray));
  EXPECT_FALSE(proves_infeasible(small(), std::vector<double>{1}));
  program.set_row_bounds(1, -infinity, 5);
  EXPECT_EQ(program.solve().status, Status::optimal);
}

TEST_F(Linear, Unbounded) {
  Model model;
  const int x = model.add_variable(0, infinity, -1, false);
  const int y = model.add_variable(0, infinity, 1, false);
  model.add_row(-infinity, 1, Row{{x, 1}, {y, -2}});
  LinearProgram program(model);
  const Solution found = program.solve();
  EXPECT_EQ(found.status, Status::unbounded);
  EXPECT_EQ(found.bound, -infinity);
  program.set_cost(1, 3);
  EXPECT_EQ(program.solve().status, Status::optimal);
}

TEST_F(Linear, LimitsStopAndTheNextSolveGoesOn) {
  const Model model = mip::models::assignment(20, 200, 1);
  LinearProgram program(model);
  Limits limits;
  limits.iteration_limit = 25;
  const Solution stopped = program.solve(limits);
  EXPECT_EQ(stopped.status, Status::unknown);
  EXPECT_EQ(stopped.stopped_by, StoppedBy::work);
  EXPECT_LE(stopped.iterations, 26);
  EXPECT_TRUE(stopped.point.empty());
  LinearProgram same(model);
  EXPECT_EQ(same.solve(limits).iterations, stopped.iterations);
  std::atomic<bool> stop = true;
  limits = {};
  limits.stop = &stop;
  EXPECT_EQ(program.solve(limits).stopped_by, StoppedBy::interrupt);
  limits = {};
  limits.time_limit_seconds = 0;
  EXPECT_EQ(program.solve(limits).stopped_by, StoppedBy::time);
  LinearProgram fresh(model);
  EXPECT_NEAR(program.solve().objective, fresh.solve().objective, 1e-6);
  limits.time_limit_seconds = -1;
  EXPECT_THROW(program.solve(limits), Error);
  limits = {};
  limits.iteration_limit = -1;
  EXPECT_THROW(program.solve(limits), Error);
}

TEST_F(Linear, SeveralAtOnceAreSolvedAsOneByOne) {
  std::vector<Solution> expected(8);
  std::vector<Solution> found(8);
  const auto work = [](std::size_t k, std::vector<Solution>& into) {
    LinearProgram program(mip::models::assignment(8, 60, k));
    program.solve();
    for (int j = 0; j < 10; ++j) program.set_bounds(j * 9, 0, 0);
    into[k] = program.solve();
  };
  for (std::size_t k = 0; k < 8; ++k) work(k, expected);
  std::vector<std::thread> threads;
  for (std::size_t k = 0; k < 8; ++k) threads.emplace_back([&, k] { work(k, found); });
  for (std::thread& thread : threads) thread.join();
  for (std::size_t k = 0; k < 8; ++k) {
    EXPECT_EQ(found[k].point, expected[k].point);
    EXPECT_EQ(found[k].duals, expected[k].duals);
    EXPECT_EQ(found[k].bound, expected[k].bound);
    EXPECT_EQ(found[k].iterations, expected[k].iterations);
  }
}

// Clp's primal method calls some of these solved that have no optimum, its dual method calls some of those infeasible.
TEST_F(Linear, TinyProgramsAgreeWithEnumeration) {
  int unbounded = 0;
  for (std::uint64_t seed = 0; seed < 1500; ++seed) {
    Model model = mip::tiny::random_model(seed, {});
    bool linear = true;
    for (int j = 0; j < model.variables(); ++j) linear = linear && !model.variable(j).integer;
    if (!linear) continue;
    const mip::tiny::Optimum expected = mip::tiny::enumerate(model);
    LinearProgram program(model);
    for (int again = 0; again < 2; ++again) {
      const Solution found = program.solve();
      SCOPED_TRACE("seed " + std::to_string(seed) + " " + found.reason);
      if (!expected.feasible) {
        EXPECT_TRUE(found.status == Status::infeasible || found.status == Status::unbounded);
      } else if (!expected.bounded) {
        ++unbounded;
        EXPECT_EQ(found.status, Status::unbounded);
      } else {
        ASSERT_EQ(found.status, Status::optimal);
        EXPECT_NEAR(found.objective, expected.objective, 1e-6 * std::max(1.0, std::abs(expected.objective)));
        EXPECT_LE(found.bound, expected.objective + 1e-9);
      }
      // Solved once more, by the other method, from the basis that was found.
      program.set_cost(0, model.variable(0).cost);
    }
  }
  EXPECT_GT(unbounded, 50);
}

TEST_F(Linear, ChecksItsChanges) {
  LinearProgram program(small());
  EXPECT_THROW(program.set_cost(0, std::nan("")), Error);
  EXPECT_THROW(program.set_bounds(5, 0, 1), Error);
  EXPECT_THROW(program.set_row_bounds(0, 2, 1), Error);
  EXPECT_DOUBLE_EQ(program.solve().objective, 6.5);
  LinearProgram moved = std::move(program);
  EXPECT_DOUBLE_EQ(moved.solve().objective, 6.5);
}

TEST_F(Linear, IsSilent) {
  const std::string text = written_during([] {
    LinearProgram good(mip::models::assignment(20, 200, 1));
    good.solve();
    Model hopeless = small();
    hopeless.add_row(-infinity, 3, Row{{0, 1}, {1, 2}});
    LinearProgram bad(hopeless);
    bad.solve();
    Model endless = small();
    endless.set_cost(0, -1);
    LinearProgram open(endless);
    open.solve();
    Limits limits;
    limits.iteration_limit = 3;
    LinearProgram stopped(mip::models::assignment(6, 30, 4));
    stopped.solve(limits);
  });
  EXPECT_EQ(text, "");
}

TEST_F(Linear, WithoutRowsOrVariables) {
  LinearProgram empty{Model()};
  EXPECT_EQ(empty.solve().status, Status::optimal);
  EXPECT_EQ(empty.solve().objective, 0);
  Model rowless;
  rowless.add_variable(-2, 3, 1, false);
  LinearProgram program(rowless);
  EXPECT_DOUBLE_EQ(program.solve().objective, -2);
}

TEST(LinearWithoutClp, IsRefusedWithAdvice) {
  if (available()) GTEST_SKIP() << "this build has Clp";
  try {
    LinearProgram program(small());
    FAIL() << "solved without Clp";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::unsupported);
    EXPECT_NE(error.advice().find("-DPLIMSOLL_CLP=ON"), std::string::npos);
  }
}

}  // namespace
}  // namespace plimsoll::solvers::lp
