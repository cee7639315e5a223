// Makespan on identical bins through the public calls: known optima, degenerate input, what is refused.
#include "planner/assignment/packing.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "plimsoll/error.hpp"
#include "plimsoll/solve.hpp"
#include "support/random.hpp"
#include "tests/planner/assignment/brute_force.hpp"

namespace plimsoll {
namespace {

AssignmentInstance instance_of(const std::vector<double>& sizes, int bins) {
  AssignmentInstance instance;
  instance.objective = AssignmentObjective::makespan;
  instance.bins = bins;
  instance.items = static_cast<int>(sizes.size());
  std::vector<double> table;
  for (int bin = 0; bin < bins; ++bin) table.insert(table.end(), sizes.begin(), sizes.end());
  instance.size = Matrix<double>(static_cast<std::size_t>(bins), sizes.size(), table);
  return instance;
}

std::vector<double> uniform(std::uint64_t seed, int items, int least, int most) {
  support::Random random(seed, 21);
  std::vector<double> sizes;
  for (int item = 0; item < items; ++item) {
    sizes.push_back(static_cast<double>(least) +
                    static_cast<double>(random.below(static_cast<std::size_t>(most - least + 1))));
  }
  return sizes;
}

AssignmentSolution solved(const AssignmentInstance& instance, std::string_view method, std::uint64_t work) {
  SolveOptions options;
  options.method = method;
  options.work_limit = work;
  options.seed = 1;
  AssignmentSolution solution = solve(instance, options);
  const auto found = check(instance, solution.plan, &solution.certificate, solution.proof);
  EXPECT_TRUE(found.empty()) << found.front();
  return solution;
}

TEST(AssignmentPacking, AgreesWithBruteForce) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    SCOPED_TRACE(seed);
    support::Random random(seed, 22);
    const int bins = 1 + static_cast<int>(random.below(4));
    const int most = seed % 3 == 0 ? 9 : seed % 3 == 1 ? 1000 : 1'000'000'000;
    std::vector<double> sizes = uniform(seed, 1 + static_cast<int>(random.below(7)), 0, most);
    if (seed % 5 == 0) {
      for (double& size : sizes) size += random.uniform();
    }
    AssignmentInstance instance = instance_of(sizes, bins);
    if (seed % 7 == 0) instance.speed.assign(static_cast<std::size_t>(bins), 3.0);
    const double best = *testing::AssignmentBruteForce(instance).run();
    const Certificate certificate = solved(instance, "packing", 50'000'000).certificate;
    EXPECT_EQ(certificate.status, Status::optimal);
    EXPECT_NEAR(*certificate.objective, best, 2e-9 * std::max(1.0, best));
    const Certificate heuristic = solved(instance, "differencing", 200'000).certificate;
    EXPECT_LE(*heuristic.bound, best * (1 + 1e-9));
  }
}

// Two items to a bin, where the mean says little.
TEST(AssignmentPacking, FewItemsPerBinAreProven) {
  for (std::uint64_t seed = 0; seed < 6; ++seed) {
    SCOPED_TRACE(seed);
    const AssignmentInstance instance = instance_of(uniform(seed, 50, 1, 1000), 25);
    EXPECT_EQ(solved(instance, "packing", 500'000'000).certificate.status, Status::optimal);
  }
}

TEST(AssignmentPacking, ManyItemsPerBinReachTheMean) {
  for (std::uint64_t seed = 0; seed < 4; ++seed) {
    SCOPED_TRACE(seed);
    const AssignmentInstance instance = instance_of(uniform(seed, 100, 1, 10'000), 10);
    EXPECT_EQ(solved(instance, "differencing", 500'000'000).certificate.status, Status::optimal);
  }
}

TEST(AssignmentPacking, DegenerateInput) {
  const std::vector<std::pair<std::vector<double>, int>> cases = {
      {{5, 3, 2}, 7},                    // more bins than items
      {{0, 0, 0}, 2},                    // nothing to do
      {{4, 0, 4, 0, 4}, 2},              // items of size 0 among others
      {std::vector<double>(30, 7), 4},   // all equal
      {{3, 1, 4, 1, 5}, 1},              // one bin
      {{1e15, 9e14, 8e14, 7e14, 2}, 2},  // products would not fit
  };
  const std::vector<double> optimum = {5, 0, 8, 56, 14, 1.7e15 + 2};
  for (std::size_t k = 0; k < cases.size(); ++k) {
    SCOPED_TRACE(k);
    const AssignmentSolution solution = solved(instance_of(cases[k].first, cases[k].second), "packing", 100'000'000);
    EXPECT_EQ(solution.certificate.status, Status::optimal);
    EXPECT_NEAR(*solution.certificate.objective, optimum[k], 2e-9 * optimum[k]);
  }
}

TEST(AssignmentPacking, TenThousandItems) {
  const AssignmentInstance instance = instance_of(uniform(1, 10'000, 1, 1'000'000), 10);
  EXPECT_EQ(solved(instance, "differencing", 300'000'000).certificate.status, Status::optimal);
}

TEST(AssignmentPacking, TheSameTwice) {
  const AssignmentInstance instance = instance_of(uniform(3, 60, 1, 100'000), 20);
  const AssignmentSolution first = solved(instance, "differencing", 5'000'000);
  const AssignmentSolution second = solved(instance, "differencing", 5'000'000);
  EXPECT_EQ(first.plan, second.plan);
  EXPECT_EQ(first.certificate.work, second.certificate.work);
}

TEST(AssignmentPacking, RefusesByName) {
  AssignmentInstance instance = instance_of({3, 2, 1}, 2);
  instance.forbidden.emplace_back(0, 1);
  EXPECT_FALSE(assignment::can_pack(assignment::Prepared(instance)));
  EXPECT_TRUE(assignment::packing_workers(assignment::Prepared(instance), 1).empty());
  SolveOptions options;
  for (const char* method : {"packing", "differencing"}) {
    options.method = method;
    try {
      solve(instance, options);
      FAIL() << method;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::unsupported);
      EXPECT_NE(std::string(error.what()).find("forbidden"), std::string::npos) << error.what();
    }
  }
}

}  // namespace
}  // namespace plimsoll
