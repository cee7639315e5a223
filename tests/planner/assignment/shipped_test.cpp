// The shipped instances with every method: checked plans, and the same ones for any number of threads.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "planner/assignment/json.hpp"
#include "planner/assignment/method.hpp"
#include "planner/common/plan_file.hpp"
#include "plimsoll/solve.hpp"
#include "tests/golden.hpp"

namespace plimsoll {
namespace {

std::vector<std::string> shipped() {
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator(PLIMSOLL_SOURCE_DIR "/instances/assignment")) {
    if (entry.path().extension() == ".json") paths.push_back(entry.path().string());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

class ShippedAssignment : public ::testing::TestWithParam<std::string> {};

SolveOptions options_for(std::string_view method, std::uint64_t work) {
  SolveOptions options;
  options.method = method;
  options.work_limit = work;
  return options;
}

TEST_P(ShippedAssignment, HasACheckedPlanOfEveryMethodThatTakesIt) {
  const AssignmentInstance instance = read_assignment(GetParam());
  int solved = 0;
  for (const assignment::Method& method : assignment::methods()) {
    SCOPED_TRACE(method.name);
    AssignmentSolution solution;
    try {
      solution = solve(instance, options_for(method.name, 1'000'000));
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::unsupported) << error.what();
      continue;
    }
    if (!solution.certificate.objective) continue;
    ++solved;
    const auto found = check(instance, solution.plan, &solution.certificate, solution.proof);
    EXPECT_TRUE(found.empty()) << found.front();
  }
  EXPECT_GE(solved, 5);
}

TEST_P(ShippedAssignment, HasTheSamePlanForAnyNumberOfThreads) {
  const AssignmentInstance instance = read_assignment(GetParam());
  SolveOptions options = options_for("auto", 5'000'000);
  const AssignmentSolution first = solve(instance, options);
  ASSERT_TRUE(first.certificate.objective);
  for (const int threads : {2, 4}) {
    options.threads = threads;
    const AssignmentSolution other = solve(instance, options);
    EXPECT_EQ(other.plan, first.plan);
    EXPECT_EQ(other.certificate.bound, first.certificate.bound);
    EXPECT_EQ(other.certificate.work, first.certificate.work);
    EXPECT_EQ(assignment::write_proof(other.proof), assignment::write_proof(first.proof));
  }
}

INSTANTIATE_TEST_SUITE_P(All, ShippedAssignment, ::testing::ValuesIn(shipped()),
                         [](const auto& place) { return testing::stem_of(place.param); });

}  // namespace
}  // namespace plimsoll
