// Where a solve stops early: limits, gap, interrupts; and that it stops at the same place twice.
#include <atomic>
#include <chrono>
#include <thread>

#include "tests/solvers/mip/backend_test.hpp"
#include "tests/solvers/mip/models.hpp"

namespace plimsoll::solvers::mip {
namespace {

class Limits : public EachBackend {};
INSTANTIATE_TEST_SUITE_P(, Limits, every_backend(), backend_name);

// Takes either backend minutes.
Model hard() { return models::makespan(8, 60, 1); }
std::vector<double> hard_start() { return models::round_robin(hard(), 8, 60); }

void expect_open(const Result& result) {
  EXPECT_EQ(result.status, Status::feasible);
  EXPECT_FALSE(result.point.empty());
  EXPECT_LT(result.bound, result.objective);
  EXPECT_GT(result.bound, 0) << "the bound of the root at least";
}

TEST_P(Limits, NodesStopAtTheSamePlaceTwice) {
  const Model model = models::makespan(5, 30, 7);
  Options options;
  options.node_limit = 20;
  options.start = models::round_robin(model, 5, 30);
  const Result first = solve(model, GetParam(), options);
  EXPECT_EQ(first.stopped_by, StoppedBy::work) << first.reason;
  expect_open(first);
  EXPECT_LE(first.nodes, 60);
  for (int again = 0; again < 2; ++again) {
    const Result second = solve(model, GetParam(), options);
    EXPECT_EQ(second.stopped_by, StoppedBy::work);
    EXPECT_EQ(second.nodes, first.nodes);
    EXPECT_EQ(second.point, first.point);
    EXPECT_EQ(second.objective, first.objective);
    EXPECT_EQ(second.bound, first.bound);
    // Something else in between must not matter.
    solve(models::makespan(3, 9, 5), GetParam());
  }
}

TEST_P(Limits, WithoutAPointThereIsNone) {
  Options options;
  options.time_limit_seconds = 0;
  const Result result = solve(hard(), GetParam(), options);
  EXPECT_EQ(result.status, Status::unknown);
  EXPECT_EQ(result.stopped_by, StoppedBy::time);
  EXPECT_TRUE(result.point.empty());
  EXPECT_EQ(result.objective, infinity);
  EXPECT_LT(result.bound, infinity);
}

TEST_P(Limits, AStartSurvivesWithoutTime) {
  Options options;
  options.time_limit_seconds = 0;
  options.start = hard_start();
  const Result result = solve(hard(), GetParam(), options);
  EXPECT_EQ(result.status, Status::feasible);
  EXPECT_EQ(result.objective, options.start[0]);
  EXPECT_EQ(result.stopped_by, StoppedBy::time);
}

// CBC's own limit counts the time of the processor, of which waiting takes none.
TEST_P(Limits, TimeIsThatOfTheClock) {
  Options options;
  options.time_limit_seconds = 0.05;
  options.node_limit = 20'000;
  options.start = hard_start();
  options.bound_raised = [](double) { std::this_thread::sleep_for(std::chrono::milliseconds(60)); };
  const Result result = solve(hard(), GetParam(), options);
  EXPECT_EQ(result.stopped_by, StoppedBy::time);
  EXPECT_EQ(result.status, Status::feasible);
  EXPECT_LE(result.nodes, 1);
}

TEST_P(Limits, TheStopFlagEndsTheSolve) {
  std::atomic<bool> stop = false;
  Options options;
  options.stop = &stop;
  options.start = hard_start();
  int bounds = 0;
  options.bound_raised = [&](double) {
    ++bounds;
    stop = true;
  };
  const Result result = solve(hard(), GetParam(), options);
  EXPECT_EQ(result.stopped_by, StoppedBy::interrupt);
  expect_open(result);
  EXPECT_EQ(bounds, 1) << "it went on after the flag was set";
}

TEST_P(Limits, AFlagThatIsSetBeforeStartsNothing) {
  std::atomic<bool> stop = true;
  Options options;
  options.stop = &stop;
  const Result result = solve(hard(), GetParam(), options);
  EXPECT_EQ(result.status, Status::unknown);
  EXPECT_EQ(result.stopped_by, StoppedBy::interrupt);
  EXPECT_EQ(result.nodes, 0);
}

TEST_P(Limits, StopsFromAnotherThread) {
  std::atomic<bool> stop = false;
  std::thread host([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    stop = true;
  });
  Options options;
  options.stop = &stop;
  const Result result = solve(hard(), GetParam(), options);
  host.join();
  EXPECT_EQ(result.stopped_by, StoppedBy::interrupt);
  EXPECT_NE(result.status, Status::optimal);
  EXPECT_NE(result.status, Status::infeasible);
}

// GLPK's proximity search looks at no limit: it spent a minute at the root of such models, with all of the time there.
TEST_P(Limits, TheRootDoesNotEatAllTheTime) {
  if (GetParam() != Backend::glpk) GTEST_SKIP() << "glpk only";
  Options options;
  options.time_limit_seconds = 0.4;
  const Result result = solve(models::makespan(8, 40, 1), Backend::glpk, options);
  EXPECT_EQ(result.stopped_by, StoppedBy::time);
  EXPECT_GT(result.nodes, 1);
}

// CBC calls a search that ended at the gap proven optimal.
TEST_P(Limits, TheGapIsNotCalledOptimal) {
  Options options;
  options.gap = 0.2;
  const Model model = models::makespan(5, 25, 2);
  const Result result = solve(model, GetParam(), options);
  EXPECT_EQ(result.stopped_by, StoppedBy::gap);
  expect_open(result);
  EXPECT_LE(result.objective - result.bound, 0.2 * result.objective + 1e-9);
}

TEST_P(Limits, IncumbentsAndBoundsOnlyGetBetter) {
  const Model model = models::makespan(4, 14, 9);
  Options options;
  double best = infinity;
  double bound = -infinity;
  options.incumbent = [&](const Incumbent& found) {
    EXPECT_LT(found.objective, best);
    EXPECT_LE(found.bound, found.objective);
    best = found.objective;
  };
  options.bound_raised = [&](double raised) {
    EXPECT_GT(raised, bound);
    EXPECT_LE(raised, best);
    bound = raised;
  };
  const Result result = solve(model, GetParam(), options);
  EXPECT_EQ(result.status, Status::optimal);
  EXPECT_EQ(best, result.objective);
  EXPECT_GT(bound, 0);
}

}  // namespace
}  // namespace plimsoll::solvers::mip
