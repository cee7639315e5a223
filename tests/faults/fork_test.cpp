// A host forks: the child solves as its parent does, also when another thread was in the middle of a solve.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "plimsoll/solve.hpp"
#include "solvers/mip/solver.hpp"
#include "tests/faults/cases.hpp"
#include "tests/faults/sanitizers.hpp"

namespace plimsoll::testing {
namespace {

constexpr int same = 0;
constexpr int other = 1;
constexpr int refused = 2;

// What a child process makes of the case: its exit code.
int in_child(const SolveCase& solve, const std::string& expected) {
  const pid_t child = ::fork();
  if (child == 0) {
    int code = other;
    try {
      const std::string found = solve.run();
      if (found == expected) code = same;
      if (found.starts_with("refused: CBC was at work")) code = refused;
    } catch (const std::exception&) {
    }
    ::_exit(code);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

TEST(Fork, TheChildSolvesAsItsParentDoes) {
  if (under_thread_sanitizer) GTEST_SKIP() << "ThreadSanitizer knows no threads after a fork";
  for (const SolveCase& solve : solve_cases()) {
    const std::string expected = solve.run();
    EXPECT_EQ(in_child(solve, expected), same) << solve.name;
  }
}

TEST(Fork, WhileAnotherThreadSolves) {
  if (under_thread_sanitizer) GTEST_SKIP() << "ThreadSanitizer knows no threads after a fork";
  const auto cases = solve_cases();
  std::vector<std::string> expected;
  for (const SolveCase& solve : cases) expected.push_back(solve.run());
  std::atomic<bool> stop{false};
  std::thread busy([&] {
    while (!stop) {
      for (const SolveCase& solve : cases) {
        if (!stop && solve.uses_backend) static_cast<void>(solve.run());
      }
    }
  });
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const int code = in_child(cases[i], expected[i]);
    // CBC cannot go on where a thread that is gone has left it; it says so.
    const bool may_refuse = cases[i].name.ends_with("milp-cbc");
    EXPECT_TRUE(code == same || (may_refuse && code == refused)) << cases[i].name << ": " << code;
  }
  stop = true;
  busy.join();
  for (std::size_t i = 0; i < cases.size(); ++i) EXPECT_EQ(cases[i].run(), expected[i]) << cases[i].name;
}

}  // namespace
}  // namespace plimsoll::testing
