// A library is a guest: nothing may appear on the host's standard output or error, whatever happens.
#include <atomic>
#include <csignal>

#include "plimsoll/error.hpp"
#include "tests/solvers/captured.hpp"
#include "tests/solvers/mip/backend_test.hpp"
#include "tests/solvers/mip/models.hpp"

namespace plimsoll::solvers::mip {
namespace {

class Silence : public EachBackend {};
INSTANTIATE_TEST_SUITE_P(, Silence, every_backend(), backend_name);

TEST(Captured, SeesWhatIsPrinted) {
  EXPECT_EQ(written_during([] {
              std::printf("one ");
              std::cout << "two ";
              std::cerr << "three";
            }),
            "one two three");
}

TEST_P(Silence, EveryStatus) {
  Model unbounded;
  const int x = unbounded.add_variable(0, infinity, -1, true);
  unbounded.add_row(0, infinity, std::vector<Entry>{{x, 1}});
  Model linear;
  const int y = linear.add_variable(0, 3, -1, false);
  linear.add_row(0, 2, std::vector<Entry>{{y, 1}});
  std::atomic<bool> stop = true;
  const std::string text = written_during([&] {
    solve(models::knapsack(), GetParam());
    solve(models::whole_half(), GetParam());
    solve(unbounded, GetParam());
    solve(linear, GetParam());
    Options limited;
    limited.node_limit = 5;
    solve(models::makespan(5, 25, 2), GetParam(), limited);
    limited.gap = 0.5;
    solve(models::makespan(5, 25, 2), GetParam(), limited);
    limited.time_limit_seconds = 0.01;
    solve(models::makespan(8, 60, 2), GetParam(), limited);
    limited.stop = &stop;
    solve(models::makespan(8, 60, 2), GetParam(), limited);
  });
  EXPECT_EQ(text, "");
}

TEST_P(Silence, StartsHeuristicsAndErrors) {
  const std::string text = written_during([&] {
    Options options;
    options.start = {1, 1, 1, 1};  // infeasible
    options.heuristic = [](std::span<const double>) { return std::vector<double>{1, 1, 1, 1}; };
    solve(models::knapsack(), GetParam(), options);
    options.start = {1, 0, 0, 0};
    solve(models::knapsack(), GetParam(), options);
    options.incumbent = [](const Incumbent&) { throw Error(ErrorCode::usage, "enough"); };
    try {
      solve(models::knapsack(), GetParam(), options);
    } catch (const Error&) {
    }
  });
  EXPECT_EQ(text, "");
}

// Wide relaxations take Clp to "sprint", which prints with no way to turn it off.
TEST_P(Silence, WideModels) {
  if (GetParam() == Backend::glpk) GTEST_SKIP() << "takes GLPK seconds";
  const Model whole = models::assignment(40, 1600, 1);
  Model model;
  for (int j = 0; j < whole.variables(); ++j) model.add_variable(0, 1, whole.variable(j).cost, false);
  for (int i = 0; i < whole.rows(); ++i) model.add_row(whole.row_lower(i), whole.row_upper(i), whole.row(i));
  Result result;
  EXPECT_EQ(written_during([&] { result = solve(model, Backend::cbc); }), "");
  EXPECT_EQ(result.status, Status::optimal);
}

TEST_P(Silence, LeavesSignalHandlersAlone) {
  const auto mine = [](int) {};
  const auto before = std::signal(SIGINT, mine);
  Options options;
  void (*during)(int) = mine;
  options.bound_raised = [&](double) {
    struct sigaction now;
    sigaction(SIGINT, nullptr, &now);
    during = now.sa_handler;
  };
  solve(models::makespan(3, 9, 5), GetParam(), options);
  EXPECT_EQ(during, static_cast<void (*)(int)>(mine));
  EXPECT_EQ(std::signal(SIGINT, before), static_cast<void (*)(int)>(mine));
}

}  // namespace
}  // namespace plimsoll::solvers::mip
