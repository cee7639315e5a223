// What becomes of a backend's claims, without any backend: here the backend is the test, and it lies.
#include "solvers/mip/search.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/solvers/mip/models.hpp"

namespace plimsoll::solvers::mip {
namespace {

using Point = std::vector<double>;
using What = Claim::What;

const Point good = {1, 1, 0, 0};  // -19
const Point best = {0, 1, 1, 1};  // -21, the optimum

class SearchClaims : public testing::Test {
 protected:
  Model model_ = models::knapsack();
  Options options_;
};

TEST_F(SearchClaims, AnOptimumNeedsAVerifiedPointOfItsValue) {
  Search search(model_, options_);
  EXPECT_TRUE(search.offer(best));
  const Result result = search.finish({What::complete, -21, StoppedBy::optimal}, 3);
  EXPECT_EQ(result.status, Status::optimal);
  EXPECT_EQ(result.bound, -21);
  EXPECT_EQ(result.nodes, 3);
}

// As GLPK does after an infeasible point was given to it.
TEST_F(SearchClaims, AnOptimumWithoutAPointIsNone) {
  Search search(model_, options_);
  EXPECT_FALSE(search.offer(Point{1, 1, 1, 1}));
  const Result result = search.finish({What::complete, -29, StoppedBy::optimal}, 0);
  EXPECT_EQ(result.status, Status::unknown);
  EXPECT_EQ(result.stopped_by, StoppedBy::exhausted);
  EXPECT_NE(result.reason.find("row 0"), std::string::npos) << result.reason;
}

TEST_F(SearchClaims, AnOptimumBelowTheVerifiedValueIsOnlyABound) {
  Search search(model_, options_);
  EXPECT_TRUE(search.offer(good));
  const Result result = search.finish({What::complete, -22, StoppedBy::optimal}, 0);
  EXPECT_EQ(result.status, Status::feasible);
  EXPECT_EQ(result.objective, -19);
  EXPECT_EQ(result.bound, -22);
}

// As two CBCs at once do: an "optimum" above what can be had.
TEST_F(SearchClaims, AnOptimumAboveAVerifiedPointIsThrownAway) {
  Search search(model_, options_);
  EXPECT_TRUE(search.offer(best));
  const Result result = search.finish({What::complete, -15, StoppedBy::optimal}, 0);
  EXPECT_EQ(result.status, Status::feasible);
  EXPECT_EQ(result.objective, -21);
  EXPECT_LE(result.bound, -29) << "only what the costs and bounds prove is left";
  EXPECT_EQ(result.stopped_by, StoppedBy::exhausted);
  EXPECT_NE(result.reason.find("-15"), std::string::npos) << result.reason;
}

TEST_F(SearchClaims, ABoundAboveAVerifiedPointDiscreditsAllBounds) {
  Search search(model_, options_);
  search.raise_bound(-20);
  EXPECT_TRUE(search.offer(best));
  search.raise_bound(-21);
  const Result result = search.finish({What::stopped, infinity, StoppedBy::work}, 0);
  EXPECT_EQ(result.status, Status::feasible);
  EXPECT_LE(result.bound, -29);
  EXPECT_NE(result.reason.find("lies above a verified objective"), std::string::npos) << result.reason;
}

TEST_F(SearchClaims, InfeasibleAndUnboundedAreContradictedByAPoint) {
  for (const What what : {What::infeasible, What::unbounded}) {
    Search search(model_, options_);
    EXPECT_TRUE(search.offer(good));
    const Result result = search.finish({what}, 0);
    EXPECT_EQ(result.status, Status::feasible);
    EXPECT_EQ(result.stopped_by, StoppedBy::exhausted);
    EXPECT_FALSE(result.reason.empty());
  }
  // With bounds on every variable nothing is unbounded.
  Search search(model_, options_);
  EXPECT_EQ(search.finish({What::unbounded}, 0).status, Status::unknown);
}

TEST_F(SearchClaims, BoundsThatAreNoneAreIgnored) {
  Search search(model_, options_);
  const double before = search.bound();
  search.raise_bound(std::nan(""));
  search.raise_bound(infinity);
  search.raise_bound(-1e300);
  EXPECT_EQ(search.bound(), before);
  // Values are whole: -20.4 means -20.
  search.raise_bound(-21.4);
  EXPECT_EQ(search.bound(), -21);
}

TEST_F(SearchClaims, TheGapIsOneOfTheVerifiedValues) {
  options_.gap = 0.5;
  Search search(model_, options_);
  EXPECT_FALSE(search.should_stop());
  search.offer(good);
  EXPECT_FALSE(search.should_stop());
  search.raise_bound(-25);
  EXPECT_TRUE(search.should_stop());
  const Result result = search.finish({What::stopped}, 0);
  EXPECT_EQ(result.stopped_by, StoppedBy::gap);
  EXPECT_EQ(result.status, Status::feasible);
}

}  // namespace
}  // namespace plimsoll::solvers::mip
