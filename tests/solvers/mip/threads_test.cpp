// Many solves at once in one process. CBC's own global state makes two at once "prove" wrong optima; GLPK's environment
// belongs to a thread.
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "tests/solvers/mip/backend_test.hpp"
#include "tests/solvers/mip/models.hpp"

namespace plimsoll::solvers::mip {
namespace {

class Threads : public EachBackend {};
INSTANTIATE_TEST_SUITE_P(, Threads, every_backend(), backend_name);

void expect_same(const Result& left, const Result& right) {
  EXPECT_EQ(left.status, right.status);
  EXPECT_EQ(left.stopped_by, right.stopped_by);
  EXPECT_EQ(left.point, right.point);
  EXPECT_EQ(left.objective, right.objective);
  EXPECT_EQ(left.bound, right.bound);
  EXPECT_EQ(left.nodes, right.nodes);
  EXPECT_EQ(left.reason, right.reason);
}

std::vector<Result> all_at_once(const std::vector<Model>& models, Backend backend, const Options& options) {
  std::vector<Result> results(models.size());
  std::vector<std::thread> threads;
  for (std::size_t k = 0; k < models.size(); ++k) {
    threads.emplace_back([&, k] { results[k] = solve(models[k], backend, options); });
  }
  for (std::thread& thread : threads) thread.join();
  return results;
}

TEST_P(Threads, EightModelsAtOnceAreSolvedAsOneByOne) {
  std::vector<Model> models;
  for (std::uint64_t seed = 0; seed < 4; ++seed) {
    models.push_back(models::assignment(4, 20, seed));
    models.push_back(models::makespan(3, 9, seed));
  }
  Options options;
  options.node_limit = 200;
  std::vector<Result> expected;
  for (const Model& model : models) expected.push_back(solve(model, GetParam(), options));
  const std::vector<Result> found = all_at_once(models, GetParam(), options);
  for (std::size_t k = 0; k < models.size(); ++k) expect_same(found[k], expected[k]);
}

// Of the kind (20 agents, 200 jobs) on which two CBCs at once claimed optima of 2454 where 2403 was to be had.
TEST_P(Threads, TheSameModelTwiceAtOnce) {
  const std::vector<Model> models(2, models::assignment(20, 100, 1));
  Options options;
  options.node_limit = 0;
  // The relaxation and the cuts are what it takes; GLPK's first node finds no point.
  const Result expected = solve(models[0], GetParam(), options);
  for (const Result& found : all_at_once(models, GetParam(), options)) expect_same(found, expected);
}

TEST_P(Threads, ManySmallModelsFromManyThreads) {
  std::vector<Model> models;
  std::vector<Result> expected;
  for (std::uint64_t seed = 0; seed < 8; ++seed) {
    models.push_back(models::assignment(3, 6, seed));
    expected.push_back(solve(models.back(), GetParam()));
  }
  std::vector<std::thread> threads;
  for (std::size_t k = 0; k < models.size(); ++k) {
    threads.emplace_back([&, k] {
      for (int again = 0; again < 12; ++again) expect_same(solve(models[k], GetParam()), expected[k]);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

class CbcTurns : public testing::Test {
 protected:
  void SetUp() override {
    if (!available(Backend::cbc)) GTEST_SKIP() << "this build has no cbc";
  }
  // Runs `other` on this thread while a solve on another thread stands still inside a callback.
  template <class Other>
  static void while_one_solves(Other&& other) {
    std::mutex mutex;
    std::condition_variable changed;
    bool inside = false;
    bool leave = false;
    std::thread first([&] {
      Options options;
      options.incumbent = [&](const Incumbent&) {
        std::unique_lock lock(mutex);
        inside = true;
        changed.notify_all();
        changed.wait(lock, [&] { return leave; });
      };
      EXPECT_EQ(solve(models::knapsack(), Backend::cbc, options).objective, -21);
    });
    {
      std::unique_lock lock(mutex);
      changed.wait(lock, [&] { return inside; });
    }
    other();
    {
      const std::lock_guard lock(mutex);
      leave = true;
    }
    changed.notify_all();
    first.join();
  }
};

TEST_F(CbcTurns, WaitingCountsAgainstTheTimeLimit) {
  while_one_solves([] {
    Options options;
    options.time_limit_seconds = 0.02;
    options.start = {1, 0, 0, 0};
    const Result result = solve(models::knapsack(), Backend::cbc, options);
    EXPECT_EQ(result.stopped_by, StoppedBy::time);
    EXPECT_EQ(result.objective, -8);
    EXPECT_GE(result.seconds, 0.02);
  });
}

TEST_F(CbcTurns, AnInterruptEndsTheWait) {
  while_one_solves([] {
    std::atomic<bool> stop = false;
    std::thread host([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      stop = true;
    });
    Options options;
    options.stop = &stop;
    EXPECT_EQ(solve(models::knapsack(), Backend::cbc, options).stopped_by, StoppedBy::interrupt);
    host.join();
  });
}

TEST_F(CbcTurns, GlpkNeedNotWait) {
  if (!available(Backend::glpk)) GTEST_SKIP() << "this build has no glpk";
  while_one_solves([] { EXPECT_EQ(solve(models::knapsack(), Backend::glpk).objective, -21); });
}

TEST_P(Threads, TheThreadOfTheCallDoesNotMatter) {
  const Model model = models::makespan(4, 14, 2);
  const Result expected = solve(model, GetParam());
  Result found;
  std::thread([&] { found = solve(model, GetParam()); }).join();
  expect_same(found, expected);
  expect_same(solve(model, GetParam()), expected);
}

}  // namespace
}  // namespace plimsoll::solvers::mip
