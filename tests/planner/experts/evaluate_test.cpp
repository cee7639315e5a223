// The evaluation on plans small enough to be worked out by hand.
#include "planner/experts/evaluate.hpp"

#include <gtest/gtest.h>

#include "tests/planner/experts/judge.hpp"

namespace plimsoll::experts {
namespace {

// Two nodes of one device with two slots each, two experts with 6 and 3 tokens.
ExpertInstance two_by_two() {
  ExpertInstance instance;
  instance.model.experts = 2;
  instance.cluster.nodes = 2;
  instance.cluster.slots = {2, 2};
  instance.cluster.speed = {1, 1};
  instance.load = Matrix<double>(1, 2, std::vector<double>{6, 3});
  return instance;
}

ExpertPlan plan_of(std::vector<int> slots, std::vector<double> shares, std::vector<std::int64_t> tokens = {}) {
  const std::size_t columns = slots.size();
  ExpertPlan plan{Matrix<int>(1, columns, std::move(slots)), Matrix<double>(1, columns, std::move(shares)), {}};
  if (!tokens.empty()) plan.tokens = Matrix<std::int64_t>(1, columns, std::move(tokens));
  return plan;
}

// One violation that says this.
void expect_violation(const ExpertInstance& instance, const ExpertPlan& plan, const std::string& words) {
  const Evaluation evaluation = evaluate(instance, plan);
  bool said = false;
  for (const std::string& sentence : evaluation.violations) said = said || sentence.find(words) != std::string::npos;
  EXPECT_TRUE(said) << "expected: " << words
                    << (evaluation.violations.empty() ? "; nothing was said"
                                                      : "; said: " + evaluation.violations.front());
  EXPECT_FALSE(testing::judge(instance, plan).has_value());
}

double objective(const ExpertInstance& instance, const ExpertPlan& plan) {
  const Evaluation evaluation = evaluate(instance, plan);
  EXPECT_EQ(evaluation.violations, std::vector<std::string>{});
  EXPECT_NEAR(testing::judge(instance, plan).value_or(-1), evaluation.objective, 1e-9);
  return evaluation.objective;
}

const ExpertPlan halves = plan_of({0, 1, 0, 1}, {0.5, 0.5, 0.5, 0.5});

TEST(Evaluate, SumsTheLatestDevices) {
  ExpertInstance instance = two_by_two();
  EXPECT_DOUBLE_EQ(objective(instance, halves), 4.5);
  EXPECT_DOUBLE_EQ(objective(instance, plan_of({0, 1, 0, 1}, {1, 0, 0, 1})), 6);
  instance.cluster.speed = {1, 0.5};
  EXPECT_DOUBLE_EQ(objective(instance, halves), 9);
  instance.cost.token_seconds = 2;
  instance.cost.other_seconds = 1;
  EXPECT_DOUBLE_EQ(objective(instance, halves), 19);
}

TEST(Evaluate, ChargesActiveReplicasOnly) {
  ExpertInstance instance = two_by_two();
  instance.cost.replica_seconds = 2;
  EXPECT_DOUBLE_EQ(objective(instance, halves), 8.5);
  EXPECT_DOUBLE_EQ(objective(instance, plan_of({0, 1, 0, 1}, {1, 0, 0, 1})), 8);
}

TEST(Evaluate, CountsTiles) {
  ExpertInstance instance = two_by_two();
  instance.cost.tile_tokens = 4;
  EXPECT_DOUBLE_EQ(objective(instance, plan_of({0, 1, 0, 1}, {5.0 / 6, 0, 1.0 / 6, 1}, {5, 0, 1, 3})), 8);
}

TEST(Evaluate, ReadsTheTable) {
  ExpertInstance instance = two_by_two();
  instance.cost.expert_seconds = {{0, 1}, {2, 1}, {4, 5}};
  // 3 tokens: 3 seconds; 1.5 tokens: 1 second. Idle replicas cost 1.
  EXPECT_DOUBLE_EQ(objective(instance, halves), 4);
  EXPECT_DOUBLE_EQ(objective(instance, plan_of({0, 1, 0, 1}, {1, 0, 0, 1})), 10);
}

TEST(Evaluate, MeasuresImbalanceOverLoadedLayers) {
  ExpertInstance instance = two_by_two();
  instance.model.layers = 2;
  instance.load = Matrix<double>(2, 2, std::vector<double>{6, 3, 0, 0});
  ExpertPlan plan;
  plan.slots = Matrix<int>(2, 4, std::vector<int>{0, 1, 0, 1, 0, 1, 0, 1});
  plan.shares = Matrix<double>(2, 4, std::vector<double>{1, 0, 0, 1, 1, 1, 0, 0});
  const Evaluation evaluation = evaluate(instance, plan);
  EXPECT_EQ(evaluation.violations, std::vector<std::string>{});
  EXPECT_DOUBLE_EQ(evaluation.metrics.imbalance, 6 / 4.5);
  EXPECT_DOUBLE_EQ(evaluation.metrics.worst_imbalance, 6 / 4.5);
  EXPECT_EQ(evaluation.layer_seconds, (std::vector<double>{6, 0}));
}

TEST(Evaluate, CountsMovesByLayerExpertAndDevice) {
  ExpertInstance instance = two_by_two();
  instance.model.expert_bytes = 10;
  instance.move_seconds = 0.25;
  // Expert 1 arrives on the first device, expert 0 on the second; a second copy on a device is no move.
  instance.placement = Matrix<int>(1, 4, std::vector<int>{0, 0, 1, -1});
  const Evaluation evaluation = evaluate(instance, halves);
  EXPECT_EQ(evaluation.metrics.moves, 2);
  EXPECT_DOUBLE_EQ(evaluation.metrics.moved_bytes, 20);
  EXPECT_DOUBLE_EQ(evaluation.objective, 5);
  EXPECT_EQ(evaluate(instance, plan_of({0, 0, 1, 1}, {1, 0, 1, 0})).metrics.moves, 0);
  instance.limits.max_moves = 1;
  expect_violation(instance, halves, "2 moves, at most 1");
  instance.limits = {{}, 0};
  expect_violation(instance, halves, "1 moves to device 0, at most 0");
}

TEST(Evaluate, SaysWhatTheSlotsBreak) {
  ExpertInstance instance = two_by_two();
  expect_violation(instance, plan_of({0, 2, 0, 1}, {0.5, 0, 0.5, 1}), "/plan/slots/0/1: expert 2 does not exist");
  expect_violation(instance, plan_of({0, -1, 0, 1}, {0.5, 0, 0.5, 1}), "empty, and fill_slots is set");
  expect_violation(instance, plan_of({0, 0, 0, 0}, {1, 0, 0, 0}), "expert 1 has no replica");
  instance.cluster.dead = {1};
  expect_violation(instance, plan_of({0, 1, -1, 1}, {1, 1, 0, 0}), "device 1 is dead");
  instance.cluster.dead.clear();
  instance.cluster.duplicates = false;
  expect_violation(instance, plan_of({0, 0, 0, 1}, {1, 0, 0, 1}), "holds expert 0 twice");
}

TEST(Evaluate, SaysWhatGroupsAndMemoryBreak) {
  ExpertInstance instance = two_by_two();
  instance.keep_groups_on_a_node = true;
  expect_violation(instance, plan_of({0, 0, 1, 1}, {1, 0, 1, 0}), "stands on node 1, its group 0 already on node 0");
  instance.keep_groups_on_a_node = false;
  instance.model.expert_bytes = 10;
  instance.cluster.memory_bytes = 15;
  expect_violation(instance, halves, "device 0 holds 2 replicas over all layers");
}

TEST(Evaluate, SaysWhatTheSharesBreak) {
  ExpertInstance instance = two_by_two();
  expect_violation(instance, plan_of({0, 1, 0, 1}, {0.5, 0.5, 0.4, 0.5}), "the shares of expert 0 sum to 0.9");
  expect_violation(instance, plan_of({0, 1, 0, 1}, {1.5, 0.5, -0.5, 0.5}), "a share must be at least 0");
  instance.cluster.fill_slots = false;
  expect_violation(instance, plan_of({0, -1, 0, 1}, {0.5, 0.5, 0.5, 1}), "an empty slot has a share");
  instance.dispatch = Dispatch::even;
  expect_violation(instance, plan_of({0, 1, 0, 1}, {0.6, 0.5, 0.4, 0.5}), "a share of 1/2");
}

TEST(Evaluate, SaysWhatTheTokensBreak) {
  ExpertInstance instance = two_by_two();
  instance.cost.tile_tokens = 1;
  const std::vector<double> shares = {0.5, 2.0 / 3, 0.5, 1.0 / 3};
  EXPECT_DOUBLE_EQ(objective(instance, plan_of({0, 1, 0, 1}, shares, {3, 2, 3, 1})), 5);
  expect_violation(instance, plan_of({0, 1, 0, 1}, shares, {3, 2, 2, 1}),
                   "the tokens of expert 0 sum to 5, its load is 6");
  expect_violation(instance, plan_of({0, 1, 0, 1}, shares, {4, 2, 2, 1}), "the share does not agree with the tokens");
  expect_violation(instance, plan_of({0, 1, 0, 1}, shares, {7, 2, -1, 1}), "tokens, the expert's load is 6");
  expect_violation(instance, plan_of({0, 1, 0, 1}, shares), "/plan/tokens: expected 1 rows of 4 slots");
  instance.dispatch = Dispatch::even;
  EXPECT_DOUBLE_EQ(objective(instance, plan_of({0, 1, 0, 1}, shares, {3, 2, 3, 1})), 5);
  expect_violation(instance, plan_of({0, 1, 0, 1}, {0.5, 1.0 / 3, 0.5, 2.0 / 3}, {3, 1, 3, 2}),
                   "even dispatch gives this slot 2 tokens");
}

TEST(Evaluate, SaysWhatTheShapeBreaks) {
  const ExpertInstance instance = two_by_two();
  expect_violation(instance, {}, "expected 1 rows of 4 slots");
  expect_violation(instance, plan_of({0, 1}, {1, 1}), "/plan/slots: expected 1 rows of 4 slots");
}

// An expert whose only replica is on a dead device must not be divided by.
TEST(Evaluate, SurvivesAnExpertThatStandsOnADeadDeviceOnly) {
  ExpertInstance instance = two_by_two();
  instance.dispatch = Dispatch::even;
  instance.cluster.dead = {1};
  const std::vector<int> slots = {0, 0, 1, -1};
  expect_violation(instance, plan_of(slots, {0.5, 0.5, 1, 0}), "device 1 is dead");
  instance.cost.tile_tokens = 2;
  expect_violation(instance, plan_of(slots, {0.5, 0.5, 1, 0}, {3, 3, 3, 0}), "device 1 is dead");
}

}  // namespace
}  // namespace plimsoll::experts
