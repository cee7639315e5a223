// Every method against brute force on tiny instances with every part of the format: no bound above the optimum, no plan
// that the check refuses, no wrong `infeasible`, and where a method says optimal, it is.
#include "tests/planner/assignment/brute_force.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>

#include "planner/assignment/method.hpp"
#include "plimsoll/solve.hpp"
#include "tests/planner/assignment/random_instance.hpp"

namespace plimsoll {
namespace {

class AssignmentMethod : public ::testing::TestWithParam<std::string_view> {};

void judge(const AssignmentInstance& instance, std::string_view method, std::uint64_t seed) {
  SolveOptions options;
  options.method = method;
  options.seed = seed;
  options.work_limit = 3'000'000;
  AssignmentSolution solution;
  try {
    solution = solve(instance, options);
  } catch (const Error& error) {
    ASSERT_EQ(error.code(), ErrorCode::unsupported) << error.what();
    return;
  }
  const auto best = testing::AssignmentBruteForce(instance).run();
  const Certificate& certificate = solution.certificate;
  if (!best) {
    ASSERT_FALSE(certificate.objective) << "a plan where there is none";
    return;
  }
  const double slack = 1e-9 * std::max(1.0, std::abs(*best));
  ASSERT_NE(certificate.status, Status::infeasible) << certificate.reason << ", but " << *best << " exists";
  if (certificate.bound) {
    ASSERT_LE(*certificate.bound, *best + slack) << certificate.bound_method;
  }
  if (!certificate.objective) return;
  ASSERT_GE(*certificate.objective, *best - slack);
  if (certificate.status == Status::optimal) {
    ASSERT_NEAR(*certificate.objective, *best, 2 * slack);
  }
  const auto found = check(instance, solution.plan, &certificate, solution.proof);
  ASSERT_TRUE(found.empty()) << found.front();
}

// More of them than a run of the tests has time for: PLIMSOLL_BRUTE_FORCE_SEEDS=10000.
std::uint64_t seeds(std::string_view method) {
  if (const char* asked = std::getenv("PLIMSOLL_BRUTE_FORCE_SEEDS")) return std::strtoull(asked, nullptr, 10);
  return method.starts_with("milp-") || method == "columns" ? 60U : 300U;
}

TEST_P(AssignmentMethod, AgreesWithBruteForce) {
  for (std::uint64_t seed = 0; seed < seeds(GetParam()); ++seed) {
    support::Random random(seed, 11);
    const auto objective = seed % 2 == 0 ? AssignmentObjective::cost : AssignmentObjective::makespan;
    const AssignmentInstance instance = testing::random_assignment(random, objective);
    ASSERT_NO_FATAL_FAILURE(judge(instance, GetParam(), seed)) << "seed " << seed;
  }
}

std::vector<std::string_view> names() {
  std::vector<std::string_view> list;
  for (const auto& method : assignment::methods()) list.push_back(method.name);
  return list;
}

INSTANTIATE_TEST_SUITE_P(All, AssignmentMethod, ::testing::ValuesIn(names()), [](const auto& place) {
  std::string name(place.param);
  for (char& character : name) character = character == '-' ? '_' : character;
  return name;
});

}  // namespace
}  // namespace plimsoll
