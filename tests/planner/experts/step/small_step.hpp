// Steps small enough to be worked out by hand, and plans for them put together piece by piece.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "planner/experts/step/evaluate.hpp"
#include "planner/experts/step/windows.hpp"
#include "tests/planner/experts/step/judge_step.hpp"

namespace plimsoll::testing {

// One node of two devices, each with one base and one transient slot; two experts of 10 bytes (gradients of 20).
// Between devices 10 bytes a second, from the host 5. `loads`: for each micro-step the tokens of its layers, one after
// the other. Columns: 0 and 1 of device 0, 2 and 3 of device 1, each base then transient.
inline StepInstance two_devices(const std::vector<std::vector<double>>& loads) {
  StepInstance step;
  auto& instance = step.experts;
  instance.model.experts = 2;
  instance.model.layers = static_cast<int>(loads.front().size()) / 2;
  instance.model.expert_bytes = 10;
  instance.model.gradient_bytes = 20;
  instance.cluster.devices_per_node = 2;
  instance.cluster.slots = {1, 1};
  instance.cluster.speed = {1, 1};
  instance.cluster.link = Link{10, 10, 5, 0};
  const auto layers = static_cast<std::size_t>(instance.model.layers);
  instance.load = Matrix<double>(layers, 2, 0.0);
  for (const auto& tokens : loads) {
    step.load.emplace_back(layers, 2, tokens);
    for (std::size_t k = 0; k < tokens.size(); ++k) instance.load.at(k / 2, k % 2) += tokens[k];
  }
  step.transient_slots = 1;
  step.schedule = experts::step::default_schedule(step.microsteps(), false);
  return step;
}

// The same with each device a node of its own.
inline StepInstance two_nodes(const std::vector<std::vector<double>>& loads) {
  StepInstance step = two_devices(loads);
  step.experts.cluster.nodes = 2;
  step.experts.cluster.devices_per_node = 1;
  return step;
}

// `row` in every layer for the whole step; the first replica of an expert serves all its tokens.
inline StepPlan still(const StepInstance& step, const std::vector<int>& row) {
  StepPlan plan;
  const auto layers = static_cast<std::size_t>(step.experts.model.layers);
  plan.base = Matrix<int>(layers, row.size(), -1);
  Matrix<double> shares(layers, row.size(), 0.0);
  for (std::size_t layer = 0; layer < layers; ++layer) {
    std::vector<int> seen;
    for (std::size_t column = 0; column < row.size(); ++column) {
      plan.base.at(layer, column) = row[column];
      if (row[column] < 0 || std::find(seen.begin(), seen.end(), row[column]) != seen.end()) continue;
      seen.push_back(row[column]);
      shares.at(layer, column) = 1.0;
    }
  }
  plan.microsteps.assign(step.load.size(), ExpertPlan{plan.base, shares, {}});
  return plan;
}

// A transient replica of an expert that takes `share` of what `from_column` serves.
inline void add_replica(StepPlan& plan, std::size_t microstep, std::size_t layer, std::size_t column, int expert,
                        std::size_t from_column, double share) {
  plan.microsteps[microstep].slots.at(layer, column) = expert;
  plan.microsteps[microstep].shares.at(layer, column) = share;
  plan.microsteps[microstep].shares.at(layer, from_column) -= share;
}

inline Transfer weights(int microstep, int layer, int expert, int from, int to, double start, double end) {
  return {TransferKind::weights, microstep, layer, expert, false, from, to, start, end};
}

inline Transfer from_host(int microstep, int layer, int expert, int node, int to, double start, double end) {
  return {TransferKind::weights, microstep, layer, expert, true, node, to, start, end};
}

inline Transfer gradient(int microstep, int layer, int expert, int from, int to, double start, double end) {
  return {TransferKind::gradient, microstep, layer, expert, false, from, to, start, end};
}

// A plan that holds, in the second opinion as well.
inline experts::step::Evaluation expect_holds(const StepInstance& step, const StepPlan& plan) {
  experts::step::Evaluation evaluation = experts::step::evaluate(step, plan);
  EXPECT_EQ(evaluation.violations, std::vector<std::string>{});
  EXPECT_NEAR(judge_step(step, plan).value_or(-1), evaluation.objective, 1e-9);
  return evaluation;
}

// One violation that says this.
inline void expect_violation(const StepInstance& step, const StepPlan& plan, const std::string& words) {
  const auto evaluation = experts::step::evaluate(step, plan);
  bool said = false;
  for (const std::string& sentence : evaluation.violations) said = said || sentence.find(words) != std::string::npos;
  EXPECT_TRUE(said) << "expected: " << words
                    << (evaluation.violations.empty() ? "; nothing was said"
                                                      : "; said: " + evaluation.violations.front());
  EXPECT_FALSE(judge_step(step, plan).has_value()) << words;
}

}  // namespace plimsoll::testing
