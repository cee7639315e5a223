// Every kind of fault, each made by changing one thing of a comparison that has none.
#include "planner/compare/contradictions.hpp"

#include <gtest/gtest.h>

#include "tests/planner/compare/sample.hpp"

namespace plimsoll::compare {
namespace {

using test::sample;

void expect_one(const Comparison& comparison, Fault::Kind kind, const std::vector<std::string>& parts) {
  const auto faults = find_faults(comparison);
  ASSERT_EQ(faults.size(), 1U) << (faults.empty() ? "" : faults[1].sentence);
  EXPECT_EQ(faults[0].kind, kind);
  for (const std::string& part : parts) {
    EXPECT_NE(faults[0].sentence.find(part), std::string::npos) << part << " in " << faults[0].sentence;
  }
}

TEST(Contradictions, NoneInTheSample) { EXPECT_TRUE(find_faults(sample()).empty()); }

TEST(Contradictions, WithinTheToleranceOfCertificates) {
  Comparison comparison = sample();
  comparison.runs[comparison.index(1, 1, 0)].bound = 50 * (1 + 5e-10);
  EXPECT_TRUE(find_faults(comparison).empty());
  comparison.runs[comparison.index(1, 1, 0)].bound = 50 * (1 + 5e-9);
  EXPECT_EQ(find_faults(comparison).size(), 1U);
}

TEST(Contradictions, ABoundAboveAPlanOfAnother) {
  Comparison comparison = sample();
  comparison.runs[comparison.index(0, 1, 1)].bound = 101;
  expect_one(comparison, Fault::Kind::contradiction,
             {"drift (seed 2) on alpha", "bound 101 (area, recomputed)", "exceeds the objective 100", "wave (seed 1)"});
}

TEST(Contradictions, TwoOptimaThatDiffer) {
  Comparison comparison = sample();
  comparison.runs[comparison.index(0, 1, 0)] = test::planned(RunStatus::optimal, 110, 110, 3);
  expect_one(comparison, Fault::Kind::contradiction, {"drift (seed 1)", "claims that 110 is optimal", "objective 100"});
}

TEST(Contradictions, InfeasibleWhereAPlanExists) {
  Comparison comparison = sample();
  comparison.runs[comparison.index(1, 1, 0)] = test::refused("");
  comparison.runs[comparison.index(1, 1, 0)].status = RunStatus::infeasible;
  expect_one(comparison, Fault::Kind::contradiction, {"claims that no plan exists", "objective 50"});
}

TEST(Contradictions, APlanThatTheCheckerRefuses) {
  Comparison comparison = sample();
  compare::Run& run = comparison.runs[comparison.index(1, 1, 0)];
  run.verified = false;
  run.violations = {"device 3 is full", "expert 1 is missing"};
  run.bound = 40;
  expect_one(comparison, Fault::Kind::refuted, {"the checker refuses the plan", "device 3 is full; expert 1"});
}

TEST(Contradictions, AnObjectiveThatWasNotConfirmedRefutesNothing) {
  Comparison comparison = sample();
  comparison.runs[comparison.index(1, 1, 0)] = test::planned(RunStatus::feasible, 10, 9, 1);
  comparison.runs[comparison.index(1, 1, 0)].verified = false;
  expect_one(comparison, Fault::Kind::refuted, {"it gave no reason"});
}

TEST(Contradictions, ACrash) {
  Comparison comparison = sample();
  comparison.runs[comparison.index(1, 2, 1)] = test::failed("signal 11 (Segmentation fault)");
  expect_one(comparison, Fault::Kind::failed, {"reef (seed 2) on beta: failed: signal 11"});
}

TEST(Contradictions, WithReferences) {
  Comparison comparison = sample();
  Reference reference;
  reference.value = 100;
  reference.optimum = true;
  comparison.instances[0].reference = reference;
  EXPECT_TRUE(find_faults(comparison).empty());
  comparison.instances[0].reference->value = 101;
  // Both runs of wave are below what is called optimal.
  auto faults = find_faults(comparison);
  ASSERT_EQ(faults.size(), 2U);
  EXPECT_NE(faults[0].sentence.find("below 101, which the reference calls optimal"), std::string::npos);
  comparison.instances[0].reference->optimum = false;
  EXPECT_TRUE(find_faults(comparison).empty());  // better than the best known is no fault
  comparison.instances[0].reference->bound = 100.5;
  EXPECT_EQ(find_faults(comparison).size(), 2U);
}

TEST(Contradictions, AProofAboveTheReference) {
  Comparison comparison = sample();
  comparison.instances[0].reference = Reference{};
  comparison.instances[0].reference->value = 99;
  const auto faults = find_faults(comparison);
  ASSERT_EQ(faults.size(), 2U);
  EXPECT_NE(faults[0].sentence.find("bound 100 exceeds the reference 99"), std::string::npos) << faults[0].sentence;
  // 99.97 with two digits may be 99.975, but not 100.
  comparison.instances[0].reference->value = 99.97;
  comparison.instances[0].reference->value_slack = 0.005;
  EXPECT_EQ(find_faults(comparison).size(), 2U);
  comparison.instances[0].reference->value_slack = 0.05;
  EXPECT_TRUE(find_faults(comparison).empty());
}

TEST(Contradictions, AReferenceThatSaysInfeasible) {
  Comparison comparison = sample();
  comparison.instances[1].reference = Reference{};
  comparison.instances[1].reference->infeasible = true;
  EXPECT_EQ(find_faults(comparison).size(), 4U);
  Comparison other = sample();
  other.runs.resize(6);
  other.instances.resize(1);
  for (compare::Run& run : other.runs) {
    run = test::refused("");
    run.status = RunStatus::infeasible;
  }
  EXPECT_TRUE(find_faults(other).empty());
  other.instances[0].reference = Reference{};
  other.instances[0].reference->value = 7;
  EXPECT_EQ(find_faults(other).size(), 6U);
}

}  // namespace
}  // namespace plimsoll::compare
