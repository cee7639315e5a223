// The published algorithm, slot for slot, and the figures of the two small published examples.
#include <gtest/gtest.h>

#include "planner/experts/evaluate.hpp"
#include "plimsoll/solve.hpp"
#include "tests/planner/experts/shipped.hpp"

namespace plimsoll::experts {
namespace {

using testing::shipped;
using testing::solve_with;

// Largest over mean device load of one layer; all speeds are 1.
double imbalance(const ExpertInstance& instance, const ExpertPlan& plan, std::size_t layer) {
  const Evaluation evaluation = evaluate(instance, plan);
  const auto seconds = evaluation.device_seconds.row(layer);
  double latest = 0;
  double sum = 0;
  for (const double device : seconds) {
    latest = std::max(latest, device);
    sum += device;
  }
  return latest / (sum / static_cast<double>(seconds.size()));
}

TEST(Eplb, GivesThePublishedSlotsWithGroups) {
  const ExpertInstance instance = shipped("twelve-experts-groups-even");
  const ExpertSolution solution = solve_with(instance, "eplb");
  const std::vector<int> published = {5, 6,  5, 7, 8, 4,  3, 4, 10, 9, 10, 2, 0, 1, 11, 1,
                                      7, 10, 6, 8, 6, 11, 8, 9, 2,  4, 5,  1, 5, 0, 3,  1};
  EXPECT_EQ(solution.plan.slots.data(), published);
  EXPECT_NEAR(imbalance(instance, solution.plan, 0), 1.208, 0.0005);
  EXPECT_NEAR(imbalance(instance, solution.plan, 1), 1.242, 0.0005);
  EXPECT_NEAR(solution.metrics.worst_imbalance, 1.242, 0.0005);
}

TEST(Eplb, GivesThePublishedImbalanceWithoutGroups) {
  const ExpertInstance instance = shipped("twelve-experts-even");
  const ExpertSolution solution = solve_with(instance, "eplb");
  EXPECT_NEAR(imbalance(instance, solution.plan, 0), 1.073, 0.0005);
  EXPECT_NEAR(imbalance(instance, solution.plan, 1), 1.190, 0.0005);
}

TEST(Eplb, OfTheEightExperts) {
  EXPECT_NEAR(*solve_with(shipped("eight-experts-even"), "eplb").certificate.objective, 232, 0.5);
}

TEST(Eplb, RefusesWhatItCannotHonour) {
  const auto expect_refused = [](const ExpertInstance& instance, const std::string& pointer) {
    try {
      solve_with(instance, "eplb");
      ADD_FAILURE() << "nothing was refused, expected " << pointer;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::unsupported);
      EXPECT_EQ(error.pointer(), pointer);
      EXPECT_FALSE(error.advice().empty());
    }
  };
  const ExpertInstance whole = shipped("twelve-experts-even");
  ExpertInstance instance = whole;
  instance.cluster.slots[3] = 3;
  expect_refused(instance, "/cluster/slots");
  instance = whole;
  instance.cluster.dead = {3};
  expect_refused(instance, "/cluster/dead");
  instance = whole;
  instance.placement = solve_with(whole, "lpt").plan.slots;
  instance.limits.max_moves = 3;
  expect_refused(instance, "/limits/max_moves");
}

// The optima were proven elsewhere.
TEST(PublishedExamples, EightExpertsWeighted) {
  const ExpertSolution solution = solve_with(shipped("eight-experts-weighted"), "auto");
  EXPECT_NEAR(*solution.certificate.objective, 181.25, 181.25e-9);
  EXPECT_EQ(solution.certificate.status, Status::optimal);
}

TEST(PublishedExamples, EightExpertsEven) {
  const ExpertSolution solution = solve_with(shipped("eight-experts-even"), "auto");
  EXPECT_NEAR(*solution.certificate.objective, 590.0 / 3, 1e-9 * 197);
}

TEST(PublishedExamples, TwelveExpertsEven) {
  for (const auto& [name, first, second] :
       {std::tuple("twelve-experts-groups-even", 1.169, 1.242), std::tuple("twelve-experts-even", 1.053, 1.190)}) {
    SCOPED_TRACE(name);
    const ExpertInstance instance = shipped(name);
    const ExpertSolution solution = solve_with(instance, "auto", 20'000'000);
    EXPECT_NEAR(imbalance(instance, solution.plan, 0), first, 0.0005);
    EXPECT_NEAR(imbalance(instance, solution.plan, 1), second, 0.0005);
  }
}

// Free shares can only help.
TEST(PublishedExamples, TwelveExpertsWeighted) {
  for (const auto& [name, even] : {std::pair("twelve-experts-groups-weighted", "twelve-experts-groups-even"),
                                   std::pair("twelve-experts-weighted", "twelve-experts-even")}) {
    SCOPED_TRACE(name);
    EXPECT_LE(*solve_with(shipped(name), "auto").certificate.objective,
              *solve_with(shipped(even), "auto").certificate.objective);
  }
}

}  // namespace
}  // namespace plimsoll::experts
