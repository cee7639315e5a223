// branch() on single layers. brute_force_test.cpp compares the method built on it with an exhaustive search.
#include <gtest/gtest.h>

#include <limits>
#include <set>

#include "planner/experts/exact/branch_layer.hpp"
#include "planner/experts/exact/coupling.hpp"
#include "planner/experts/exact/exact_layer.hpp"
#include "planner/experts/search/split.hpp"
#include "plimsoll/solve.hpp"
#include "tests/planner/experts/brute_force.hpp"
#include "tests/planner/experts/random_instance.hpp"
#include "tests/planner/experts/shipped.hpp"

namespace plimsoll::experts {
namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();
constexpr std::uint64_t plenty = 20'000'000;

support::Meter unlimited() { return support::Meter(std::numeric_limits<std::uint64_t>::max(), std::nullopt, nullptr); }

bool same(double left, double right) { return std::abs(left - right) <= 1e-9 * std::max(1.0, std::abs(right)); }

// Seconds, moves and prices of a plan, counted here anew.
double priced_score(const LayerProblem& problem, const LayerPlan& plan) {
  double score = layer_score(problem, plan);
  std::set<std::pair<int, int>> pairs;
  for (const Replica& replica : plan.replicas) {
    pairs.emplace(replica.expert, replica.device);
    if (!problem.replica_price.empty()) score += problem.replica_price[static_cast<std::size_t>(replica.device)];
  }
  for (const auto& [expert, device] : pairs) {
    if (problem.move_price.empty() || problem.stood(expert, device)) continue;
    score += problem.move_price[static_cast<std::size_t>(device)];
  }
  return score;
}

TEST(Branch, ProvesThePublishedExample) {
  const std::vector<std::pair<std::string, std::vector<double>>> expected = {
      {"twelve-experts-even", {136, 172}},
      {"twelve-experts-groups-even", {151, 179.5}},
      {"eight-experts-even", {590.0 / 3}},
      {"eight-experts-weighted", {181.25}}};
  const support::Meter meter = unlimited();
  for (const auto& [name, seconds] : expected) {
    const ExpertInstance instance = testing::shipped(name);
    const Prepared prepared(instance);
    for (const LayerProblem& problem : split_layers(prepared)) {
      const BranchResult result = branch(problem, infinite, plenty, meter);
      EXPECT_TRUE(result.complete) << name;
      EXPECT_TRUE(same(result.plan.seconds, seconds[static_cast<std::size_t>(problem.layer)])) << name;
      EXPECT_TRUE(same(result.bound, result.plan.seconds)) << name;
    }
  }
}

TEST(Branch, FindsTheSameOptimumFromAnyCutoffAndNothingBelowIt) {
  const support::Meter meter = unlimited();
  int decided = 0;
  for (std::uint64_t seed = 0; seed < 150; ++seed) {
    const ExpertInstance instance = testing::medium_instance(seed);
    const Prepared prepared(instance);
    if (!prepared.impossible.empty()) continue;
    for (const LayerProblem& problem : split_layers(prepared)) {
      if (!branch_refusal(problem).empty()) continue;
      const BranchResult free = branch(problem, infinite, 400'000, meter);
      if (!free.complete || !free.plan.feasible) continue;
      ++decided;
      const double best = layer_score(problem, free.plan);
      const BranchResult loose = branch(problem, best * 1.001 + 1e-6, plenty, meter);
      ASSERT_TRUE(loose.complete && loose.plan.feasible) << seed;
      EXPECT_TRUE(same(layer_score(problem, loose.plan), best)) << seed;
      const BranchResult tight = branch(problem, best, plenty, meter);
      EXPECT_TRUE(tight.complete && !tight.plan.feasible) << seed;
      EXPECT_TRUE(same(tight.bound, best)) << seed;
      EXPECT_LE(tight.bound, best) << seed;
    }
  }
  EXPECT_GE(decided, 60);
}

// No plan that another price makes optimal may be cheaper than what is found under this one.
TEST(Branch, WithPricesIsNeverBeatenByPlansOfOtherPrices) {
  const support::Meter meter = unlimited();
  int compared = 0;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    const ExpertInstance instance = testing::tiny_instance(seed);
    const Prepared prepared(instance);
    if (!prepared.impossible.empty() || !prepared.moves_matter() || instance.cluster.fill_slots) continue;
    LayerProblem problem = split_layers(prepared).front();
    if (!branch_refusal(problem).empty()) continue;
    support::Random random(seed);
    std::vector<LayerPlan> plans;
    std::vector<LayerProblem> priced;
    for (int round = 0; round < 6; ++round) {
      LayerProblem other = problem;
      for (int device = 0; device < prepared.devices && round > 0; ++device) {
        other.replica_price.push_back(2.0 * static_cast<double>(random.below(4)));
        other.move_price.push_back(1.5 * static_cast<double>(random.below(3)));
      }
      const BranchResult result = branch(other, infinite, plenty, meter);
      ASSERT_TRUE(result.complete) << seed;
      if (!result.plan.feasible) break;
      EXPECT_TRUE(same(result.bound, priced_score(other, result.plan))) << seed;
      plans.push_back(result.plan);
      priced.push_back(other);
    }
    for (std::size_t price = 0; price < plans.size(); ++price) {
      const double best = priced_score(priced[price], plans[price]);
      for (const LayerPlan& plan : plans) {
        EXPECT_GE(priced_score(priced[price], plan), best - 1e-9 * std::max(1.0, best)) << seed;
        ++compared;
      }
    }
  }
  EXPECT_GE(compared, 1000);
}

TEST(Branch, GivesUpWhenItsWorkIsSpent) {
  const ExpertInstance instance = testing::shipped("twelve-experts-even");
  const Prepared prepared(instance);
  const support::Meter meter = unlimited();
  const LayerProblem problem = split_layers(prepared).front();
  const BranchResult result = branch(problem, 136, 100, meter);
  EXPECT_FALSE(result.complete);
  EXPECT_EQ(result.bound, 0);
  EXPECT_LE(result.work, 200U);
}

TEST(Branch, SaysWhatItCannotDecide) {
  ExpertInstance instance = testing::shipped("twelve-experts-weighted");
  instance.cost.expert_seconds = {{0, 0}, {10, 1}};
  const Prepared with_table(instance);
  EXPECT_NE(branch_refusal(split_layers(with_table).front()).find("expert_seconds"), std::string::npos);
  EXPECT_THROW(testing::solve_with(instance, "branch"), Error);
  const ExpertInstance wide = testing::shipped("deepseek-v3-288-32-weighted");
  const Prepared prepared(wide);
  EXPECT_NE(branch_refusal(split_layers(prepared).front()).find("32 devices"), std::string::npos);
}

// The tree over caps alone, from no plan at all.
TEST(Coupling, FindsWhatTheExhaustiveSearchFinds) {
  const support::Meter meter = unlimited();
  int feasible = 0;
  int impossible = 0;
  for (std::uint64_t seed = 0; seed < 1500 && feasible + impossible < 250; ++seed) {
    const ExpertInstance instance = testing::tiny_instance(seed);
    const Prepared prepared(instance);
    if (!prepared.impossible.empty() || !prepared.shares_limits()) continue;
    if (!prepared.even && prepared.curve.table()) continue;
    const testing::BruteForceResult best = testing::brute_force(instance);
    const std::vector<double> none(static_cast<std::size_t>(prepared.layers), 0.0);
    double found = infinite;
    const CouplingResult result = couple(prepared, none, infinite, 1, plenty, plenty, meter, [&](const auto& plans) {
      double sum = 0;
      for (const LayerPlan& plan : plans) {
        sum += plan.seconds + instance.move_seconds * static_cast<double>(plan.moves);
      }
      EXPECT_LT(sum, found);
      found = sum;
    });
    ASSERT_TRUE(result.complete) << seed;
    if (best.objective) {
      ++feasible;
      const double other = instance.cost.other_seconds * prepared.layers;
      EXPECT_TRUE(same(result.bound + other, *best.objective)) << seed;
      EXPECT_TRUE(same(found + other, *best.objective)) << seed;
    } else {
      ++impossible;
      EXPECT_EQ(result.bound, infinite) << seed;
    }
  }
  EXPECT_GE(feasible, 100);
  EXPECT_GE(impossible, 5);
}

// A certificate of a search is not believed: `check` searches again.
TEST(Check, SearchesAgainForWhatASearchHasProven) {
  const ExpertInstance instance = testing::shipped("twelve-experts-groups-even");
  const ExpertSolution best = testing::solve_with(instance, "auto", 20'000'000);
  ASSERT_EQ(best.certificate.status, Status::optimal);
  ASSERT_EQ(best.certificate.bound_method, "branch");
  EXPECT_EQ(check(instance, best.plan, &best.certificate), std::vector<std::string>{});
  // A worse plan with the claim that it is optimal.
  ExpertSolution worse = testing::solve_with(instance, "eplb");
  Certificate claim = worse.certificate;
  ASSERT_GT(*claim.objective, *best.certificate.objective);
  claim.status = Status::optimal;
  claim.bound = claim.objective;
  claim.gap = 0;
  claim.bound_method = "branch";
  EXPECT_FALSE(check(instance, worse.plan, &claim).empty());
}

}  // namespace
}  // namespace plimsoll::experts
