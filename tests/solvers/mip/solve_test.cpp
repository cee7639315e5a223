// What every backend has to do with models that it can finish: statuses, objectives, starts, heuristics.
#include <cmath>
#include <stdexcept>

#include "plimsoll/error.hpp"
#include "solvers/mip/evaluate.hpp"
#include "tests/solvers/mip/backend_test.hpp"
#include "tests/solvers/mip/models.hpp"

namespace plimsoll::solvers::mip {
namespace {

using Point = std::vector<double>;
using Row = std::vector<Entry>;

class Solve : public EachBackend {};
INSTANTIATE_TEST_SUITE_P(, Solve, every_backend(), backend_name);

void expect_optimum(const Model& model, const Result& result, double objective) {
  EXPECT_EQ(result.status, Status::optimal) << result.reason;
  EXPECT_EQ(result.stopped_by, StoppedBy::optimal);
  EXPECT_NEAR(result.objective, objective, 1e-9 * std::max(1.0, std::abs(objective)));
  EXPECT_LE(result.bound, result.objective);
  EXPECT_NEAR(result.bound, objective, 1e-8 * std::max(1.0, std::abs(objective)));
  ASSERT_EQ(result.point.size(), static_cast<std::size_t>(model.variables()));
  const Evaluation judged = evaluate(model, result.point);
  EXPECT_TRUE(judged.feasible()) << judged.most_violated;
  EXPECT_EQ(judged.objective, result.objective);
}

TEST_P(Solve, AKnapsack) {
  const Model model = models::knapsack();
  const Result result = solve(model, GetParam());
  expect_optimum(model, result, -21);
  EXPECT_EQ(result.point, (Point{0, 1, 1, 1}));
}

TEST_P(Solve, AnAssignment) {
  const Model model = models::assignment(4, 14, 3);
  const Result result = solve(model, GetParam());
  Options options;
  const Result other = solve(model, backends().back(), options);
  expect_optimum(model, result, other.objective);
}

TEST_P(Solve, ContinuousAndWholeTogether) {
  const Model model = models::makespan(3, 9, 5);
  const Result result = solve(model, GetParam());
  expect_optimum(model, result, solve(model, backends().front()).objective);
  // T is the largest load exactly, not within a tolerance of it.
  double largest = 0;
  for (int machine = 0; machine < 3; ++machine) {
    double load = 0;
    for (const auto [index, coefficient] : model.row(machine)) {
      if (index != 0) load += coefficient * result.point[static_cast<std::size_t>(index)];
    }
    largest = std::max(largest, load);
  }
  EXPECT_NEAR(result.point[0], largest, 1e-9 * largest);
}

TEST_P(Solve, ALinearProgram) {
  Model model;
  const int x = model.add_variable(0, infinity, 2, false);
  const int y = model.add_variable(0, 3, 3, false);
  model.add_row(4, infinity, Row{{x, 1}, {y, 2}});
  const Result result = solve(model, GetParam());
  expect_optimum(model, result, 6);
}

// With presolve, or by return code alone, GLPK calls these solved; CBC's objective is 1e50 or 1.8e308.
TEST_P(Solve, InfeasibleModels) {
  Model relaxation;
  const int x = relaxation.add_variable(0, 1, 1, true);
  const int y = relaxation.add_variable(0, 1, 1, true);
  relaxation.add_row(3, infinity, Row{{x, 1}, {y, 1}});
  for (const Model& model : {models::whole_half(), relaxation}) {
    const Result result = solve(model, GetParam());
    EXPECT_EQ(result.status, Status::infeasible) << result.reason;
    EXPECT_TRUE(result.point.empty());
    EXPECT_EQ(result.objective, infinity);
    EXPECT_EQ(result.bound, infinity);
  }
}

TEST_P(Solve, UnboundedModels) {
  Model model;
  const int x = model.add_variable(0, infinity, -1, true);
  const int y = model.add_variable(0, infinity, 1, false);
  model.add_row(-infinity, 5, Row{{x, 1}, {y, -2}});
  const Result result = solve(model, GetParam());
  EXPECT_EQ(result.status, Status::unbounded) << result.reason;
  EXPECT_TRUE(result.point.empty());
  EXPECT_EQ(result.bound, -infinity);
}

TEST_P(Solve, ModelsWithoutRowsOrVariablesOrEntries) {
  Model empty;
  expect_optimum(empty, solve(empty, GetParam()), 0);
  Model free;
  free.add_variable(-3, 4, 2, true);
  free.add_variable(-3, 4, -0.5, false);
  free.add_variable(-infinity, infinity, 0, false);
  expect_optimum(free, solve(free, GetParam()), -8);
  free.add_row(1, 2, Row{});
  EXPECT_EQ(solve(free, GetParam()).status, Status::infeasible);
  Model endless;
  endless.add_variable(-infinity, 4, 1, true);
  EXPECT_EQ(solve(endless, GetParam()).status, Status::unbounded);
}

// A CBC that is asked again after a change returns what it had found before.
TEST_P(Solve, AChangedModelIsSolvedAnew) {
  Model model = models::knapsack();
  expect_optimum(model, solve(model, GetParam()), -21);
  model.set_cost(0, -30);
  expect_optimum(model, solve(model, GetParam()), -41);
  model.set_bounds(0, 0, 0);
  expect_optimum(model, solve(model, GetParam()), -21);
  model.set_row_bounds(0, -infinity, 3);
  expect_optimum(model, solve(model, GetParam()), -4);
}

TEST_P(Solve, CostsOfAnySize) {
  // Seconds: a millionth apart, where absolute tolerances see no difference.
  Model small;
  Row row;
  for (int j = 0; j < 6; ++j) row.push_back({small.add_variable(0, 1, 1e-6 + 1e-9 * j, true), 1});
  small.add_row(2, 2, row);
  const Result result = solve(small, GetParam());
  EXPECT_EQ(result.status, Status::optimal);
  EXPECT_EQ(result.point, (Point{1, 1, 0, 0, 0, 0}));
  Model large;
  row.clear();
  for (int j = 0; j < 6; ++j) row.push_back({large.add_variable(0, 1, 1e12 + 1e6 * j, true), 1});
  large.add_row(2, 2, row);
  expect_optimum(large, solve(large, GetParam()), 2e12 + 1e6);
}

TEST_P(Solve, AGoodStartIsUsed) {
  const Model model = models::makespan(3, 9, 5);
  Options options;
  options.start = models::round_robin(model, 3, 9);
  std::vector<double> seen;
  options.incumbent = [&](const Incumbent& found) { seen.push_back(found.objective); };
  const Result result = solve(model, GetParam(), options);
  EXPECT_TRUE(result.start_used);
  ASSERT_FALSE(seen.empty());
  EXPECT_EQ(seen.front(), options.start[0]);
  expect_optimum(model, result, solve(model, GetParam()).objective);
}

// By default CBC only looks for points that are better by 1e-5, and calls this start optimal.
TEST_P(Solve, AStartThatIsAlmostTheBest) {
  Model model;
  const int x = model.add_variable(0, 1, 1 + 2e-7, true);
  const int y = model.add_variable(0, 1, 1, true);
  const int z = model.add_variable(0, 1, 0.5 + 1e-7, true);
  model.add_row(1, 1, Row{{x, 1}, {y, 1}});
  model.add_row(0, 1, Row{{x, 1}, {z, 1}});
  Options options;
  options.start = {1, 0, 0};
  const Result result = solve(model, GetParam(), options);
  EXPECT_TRUE(result.start_used);
  EXPECT_EQ(result.point, (Point{0, 1, 0}));
  EXPECT_EQ(result.status, Status::optimal);
}

// Handed on as it is, CBC drops it with a line in its log and GLPK proves it optimal.
TEST_P(Solve, AnInfeasibleStartIsLeftOut) {
  const Model model = models::knapsack();
  for (const Point& start : {Point{1, 1, 1, 1}, Point{0.5, 1, 1, 1}, Point{0, 2, 0, 0}, Point{std::nan(""), 0, 0, 0}}) {
    Options options;
    options.start = start;
    const Result result = solve(model, GetParam(), options);
    EXPECT_FALSE(result.start_used);
    expect_optimum(model, result, -21);
  }
  Options options;
  options.start = {0, 0, 0};
  EXPECT_THROW(solve(model, GetParam(), options), Error);
}

// GLPK's own way in takes such points without a look and ends with their value as the optimum.
TEST_P(Solve, AnInfeasibleHeuristicPointNeverCounts) {
  const Model model = models::assignment(4, 14, 3);
  const double optimum = solve(model, GetParam()).objective;
  Options options;
  int asked = 0;
  options.heuristic = [&](std::span<const double> relaxation) {
    ++asked;
    return Point(relaxation.size(), 0.0);  // no job anywhere: costs nothing
  };
  options.incumbent = [&](const Incumbent& found) { EXPECT_TRUE(evaluate(model, found.point).feasible()); };
  expect_optimum(model, solve(model, GetParam(), options), optimum);
  EXPECT_GT(asked, 0);
}

TEST_P(Solve, AHeuristicPointCounts) {
  const Model model = models::makespan(3, 9, 5);
  const Point best = solve(model, GetParam()).point;
  Options options;
  options.heuristic = [&](std::span<const double>) { return best; };
  std::vector<double> seen;
  options.incumbent = [&](const Incumbent& found) { seen.push_back(found.objective); };
  const Result result = solve(model, GetParam(), options);
  EXPECT_EQ(result.status, Status::optimal);
  EXPECT_NEAR(result.objective, best[0], 1e-9 * best[0]);
  for (std::size_t k = 1; k < seen.size(); ++k) EXPECT_LT(seen[k], seen[k - 1]);
}

TEST_P(Solve, CallbacksThatThrowEndTheSolve) {
  const Model model = models::makespan(3, 9, 5);
  Options options;
  options.incumbent = [](const Incumbent&) { throw std::runtime_error("enough"); };
  EXPECT_THROW(solve(model, GetParam(), options), std::runtime_error);
  options = {};
  options.heuristic = [](std::span<const double>) -> Point { throw std::out_of_range("no"); };
  EXPECT_THROW(solve(model, GetParam(), options), std::out_of_range);
  options = {};
  options.heuristic = [](std::span<const double>) { return Point{1}; };  // of another size
  EXPECT_THROW(solve(model, GetParam(), options), Error);
  // And the next solve is none the worse for it.
  expect_optimum(models::knapsack(), solve(models::knapsack(), GetParam()), -21);
}

TEST_P(Solve, RefusesOptionsThatMakeNoSense) {
  const auto refused = [&](const Options& options) {
    try {
      solve(models::knapsack(), GetParam(), options);
    } catch (const Error&) {
      return true;
    }
    return false;
  };
  Options options;
  options.time_limit_seconds = -1;
  EXPECT_TRUE(refused(options));
  options.time_limit_seconds = std::nan("");
  EXPECT_TRUE(refused(options));
  options = {};
  options.node_limit = -1;
  EXPECT_TRUE(refused(options));
  options = {};
  options.gap = std::nan("");
  EXPECT_TRUE(refused(options));
  options = {};
  options.threads = 2;  // CBC's answer would depend on the race
  EXPECT_TRUE(refused(options));
}

TEST(Backends, AreNamed) {
  EXPECT_EQ(backend_named("glpk"), Backend::glpk);
  EXPECT_EQ(backend_named("cbc"), Backend::cbc);
  EXPECT_THROW(backend_named("cplex"), Error);
  for (const Backend backend : backends()) EXPECT_TRUE(available(backend));
}

TEST(Backends, ThatAreMissingAreRefusedWithAdvice) {
  for (const Backend backend : {Backend::glpk, Backend::cbc}) {
    if (available(backend)) continue;
    try {
      solve(models::knapsack(), backend);
      FAIL() << "solved by a backend that is not there";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::unsupported);
      EXPECT_NE(error.advice().find("-DPLIMSOLL_"), std::string::npos);
    }
  }
}

}  // namespace
}  // namespace plimsoll::solvers::mip
