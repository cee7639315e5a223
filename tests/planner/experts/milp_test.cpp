// The methods that solve the integer program: proven optima are optima, bounds hold, what has no plan is said to have
// none, and work limits give the same plan twice.
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <vector>

#include "planner/experts/evaluate.hpp"
#include "planner/experts/formulation/patterns.hpp"
#include "planner/experts/method.hpp"
#include "planner/experts/solve.hpp"
#include "solvers/mip/solver.hpp"
#include "tests/planner/experts/brute_force.hpp"
#include "tests/planner/experts/judge.hpp"
#include "tests/planner/experts/random_instance.hpp"
#include "tests/planner/experts/shipped.hpp"

namespace plimsoll::experts {
namespace {

namespace mip = solvers::mip;

std::string method_of(mip::Backend backend) { return "milp-" + mip::name(backend); }

SolveOptions options_of(mip::Backend backend) {
  SolveOptions options;
  options.method = method_of(backend);
  return options;
}

void expect_best(const ExpertInstance& instance, mip::Backend backend, const std::string& label) {
  const testing::BruteForceResult best = testing::brute_force(instance);
  SolveOptions options = options_of(backend);
  options.work_limit = 200'000'000;
  const ExpertSolution solution = solve(instance, options, support::Meter::Clock::now());
  const Certificate& certificate = solution.certificate;
  if (!best.objective) {
    EXPECT_EQ(certificate.status, Status::infeasible) << label << ": " << certificate.reason;
    EXPECT_NE(certificate.reason, "") << label;
    return;
  }
  ASSERT_TRUE(certificate.objective) << label << ": " << certificate.reason;
  const double slack = 1e-9 * std::max(1.0, *best.objective);
  if (!best.exact) {
    EXPECT_LE(*certificate.objective, *best.objective + 1e-6 * std::max(1.0, *best.objective)) << label;
    return;
  }
  EXPECT_EQ(certificate.status, Status::optimal) << label << " gap " << *certificate.gap;
  EXPECT_NEAR(*certificate.objective, *best.objective, slack) << label;
  EXPECT_LE(*certificate.bound, *best.objective + slack) << label;
  EXPECT_TRUE(testing::judge(instance, solution.plan)) << label;
}

class MilpMethod : public ::testing::TestWithParam<mip::Backend> {
 protected:
  void SetUp() override {
    if (!mip::available(GetParam())) GTEST_SKIP() << "this build has no " << mip::name(GetParam());
  }
};

TEST_P(MilpMethod, FindsTheBestPlanOfTinyInstances) {
  for (std::uint64_t seed = 300; seed < 350; ++seed) {
    expect_best(testing::tiny_instance(seed), GetParam(), "seed " + std::to_string(seed));
  }
}

TEST_P(MilpMethod, ProvesTheTwelveExpertExample) {
  const std::vector<std::pair<std::string, std::vector<double>>> known{{"twelve-experts-even", {136, 172}},
                                                                       {"twelve-experts-groups-even", {151, 179.5}}};
  for (const auto& [name, layers] : known) {
    const ExpertInstance instance = testing::shipped(name);
    SolveOptions options = options_of(GetParam());
    options.work_limit = 1'000'000'000;
    const ExpertSolution solution = solve(instance, options, support::Meter::Clock::now());
    EXPECT_EQ(solution.certificate.status, Status::optimal) << name;
    EXPECT_EQ(solution.certificate.bound_evidence, BoundEvidence::backend);
    EXPECT_EQ(solution.certificate.bound_method, method_of(GetParam()));
    const Evaluation evaluation = evaluate(instance, solution.plan);
    for (std::size_t layer = 0; layer < layers.size(); ++layer) {
      EXPECT_NEAR(evaluation.layer_seconds[layer], layers[layer], 1e-9) << name << " layer " << layer;
    }
  }
}

// Layer 1 has a bound of 3, a plan of 3 (four parts of 1.5 tokens) and the next worse plan at 4: a bound that can be
// reached is not refuted.
TEST_P(MilpMethod, AskForTheBoundItself) {
  ExpertInstance instance;
  instance.model.layers = 2;
  instance.model.experts = 3;
  instance.cluster.nodes = 2;
  instance.cluster.devices_per_node = 2;
  instance.cluster.slots = {2, 2, 2, 1};
  instance.cluster.speed.assign(4, 1.0);
  instance.cost.expert_seconds = {{0, 0}, {2, 4}, {4, 4}, {6, 15}};
  instance.dispatch = Dispatch::even;
  instance.load = Matrix<double>(2, 3, {4.9, 2.8, 0, 6, 0, 0});
  for (const std::uint64_t work : {100'000U, 300'000U, 1'000'000U, 30'000'000U}) {
    SolveOptions options = options_of(GetParam());
    options.work_limit = work;
    const Certificate certificate = solve(instance, options, support::Meter::Clock::now()).certificate;
    EXPECT_LE(*certificate.bound, 7 + 1e-8) << work;
    EXPECT_GE(*certificate.objective, 7 - 1e-8) << work;
  }
}

TEST_P(MilpMethod, TheSamePlanTwice) {
  for (const std::uint64_t seed : {3U, 17U}) {
    const ExpertInstance instance = testing::medium_instance(seed);
    SolveOptions options = options_of(GetParam());
    options.work_limit = 4'000'000;
    const ExpertSolution first = solve(instance, options, support::Meter::Clock::now());
    options.threads = 2;
    const ExpertSolution second = solve(instance, options, support::Meter::Clock::now());
    EXPECT_EQ(first.plan, second.plan) << seed;
    EXPECT_EQ(first.certificate.bound, second.certificate.bound) << seed;
    EXPECT_EQ(first.certificate.work, second.certificate.work) << seed;
  }
}

TEST_P(MilpMethod, StopsWhenAsked) {
  const ExpertInstance instance = testing::medium_instance(8);
  const std::atomic<bool> stop{true};
  SolveOptions options = options_of(GetParam());
  options.stop = &stop;
  const ExpertSolution solution = solve(instance, options, support::Meter::Clock::now());
  EXPECT_NE(solution.certificate.status, Status::optimal);
}

INSTANTIATE_TEST_SUITE_P(Backends, MilpMethod, ::testing::Values(mip::Backend::glpk, mip::Backend::cbc),
                         [](const auto& info) { return mip::name(info.param); });

// Both exact methods on instances that are larger than an exhaustive search can do.
TEST(MilpMethods, AgreeOnMediumInstances) {
  if (mip::backends().size() < 2) GTEST_SKIP() << "this build has one backend at the most";
  int closed = 0;
  for (std::uint64_t seed = 500; seed < 514; ++seed) {
    testing::InstanceSize size;
    size.fewest_experts = 5;
    size.most_experts = 8;
    size.most_devices = 4;
    size.most_slots = 3;
    size.most_total_slots = 12;
    size.most_load = 100;
    size.most_tiles = 20;
    const ExpertInstance instance = testing::InstanceMaker(seed, size).make();
    std::vector<Certificate> found;
    for (const mip::Backend backend : mip::backends()) {
      SolveOptions options = options_of(backend);
      options.work_limit = 30'000'000;
      found.push_back(solve(instance, options, support::Meter::Clock::now()).certificate);
    }
    for (const Certificate& left : found) {
      for (const Certificate& right : found) {
        if (!right.objective) continue;
        EXPECT_NE(left.status, Status::infeasible) << seed;
        EXPECT_LE(left.bound.value_or(0), *right.objective * (1 + 1e-9)) << seed;
      }
    }
    closed += found[0].status == Status::optimal && found[1].status == Status::optimal ? 1 : 0;
  }
  EXPECT_GE(closed, 5);
}

// What patterns refute is refuted, and what they find is a plan where nothing is left out.
TEST(Patterns, AskedForTheBestTimeTheyFindItAndForLessNothing) {
  const auto backends = mip::backends();
  if (backends.empty()) GTEST_SKIP() << "this build has no backend";
  int asked = 0;
  for (std::uint64_t seed = 1; seed <= 80; ++seed) {
    ExpertInstance instance = testing::tiny_instance(seed);
    instance.model.layers = 1;
    instance.load =
        Matrix<double>(1, instance.load.columns(), {instance.load.row(0).begin(), instance.load.row(0).end()});
    instance.placement.reset();
    instance.limits = {};
    instance.move_seconds = 0;
    instance.cost.other_seconds = 0;
    instance.dispatch = Dispatch::even;
    const testing::BruteForceResult best = testing::brute_force(instance);
    if (!best.objective || *best.objective <= 0) continue;
    const Prepared prepared(instance);
    const auto at = Patterns::list(prepared, 0, *best.objective, 100'000);
    ASSERT_TRUE(at) << seed;
    ASSERT_FALSE(at->times().empty()) << seed;
    const mip::Result found = mip::solve(at->model(), backends.back());
    EXPECT_EQ(found.status, mip::Status::optimal) << seed;
    if (prepared.whole_tokens || prepared.memory_binds) continue;
    const auto below = Patterns::list(prepared, 0, *best.objective * (1 - 1e-6), 100'000);
    EXPECT_EQ(mip::solve(below->model(), backends.back()).status, mip::Status::infeasible) << seed;
    ++asked;
  }
  EXPECT_GT(asked, 15);
}

}  // namespace
}  // namespace plimsoll::experts
