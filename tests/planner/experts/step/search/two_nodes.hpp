// A step on two nodes of two devices, small enough to follow by hand: device d holds expert d by base and has one
// transient slot, columns 2 d and 2 d + 1. An expert takes 1 second inside a node, 2 between nodes, 4 from the host;
// its gradient twice as long. Each expert has 1 token of 1 second.
#pragma once

#include <vector>

#include "planner/experts/step/windows.hpp"
#include "plimsoll/step.hpp"

namespace plimsoll::testing {

inline StepInstance two_nodes(int microsteps, int layers) {
  StepInstance step;
  ExpertInstance& experts = step.experts;
  experts.name = "two-nodes";
  experts.model.layers = layers;
  experts.model.experts = 4;
  experts.model.expert_bytes = 1;
  experts.model.gradient_bytes = 2;
  experts.cluster.nodes = 2;
  experts.cluster.devices_per_node = 2;
  experts.cluster.slots = {1, 1, 1, 1};
  experts.cluster.speed = {1, 1, 1, 1};
  experts.cluster.link = Link{1.0, 0.5, 0.25, 0.0};
  const auto rows = static_cast<std::size_t>(layers);
  experts.load = Matrix<double>(rows, 4, static_cast<double>(microsteps));
  step.load.assign(static_cast<std::size_t>(microsteps), Matrix<double>(rows, 4, 1.0));
  step.transient_slots = 1;
  step.schedule = experts::step::default_schedule(microsteps, false);
  return step;
}

inline Matrix<int> base_of_two_nodes(int layers) {
  std::vector<int> rows;
  for (int layer = 0; layer < layers; ++layer) rows.insert(rows.end(), {0, -1, 1, -1, 2, -1, 3, -1});
  return {static_cast<std::size_t>(layers), 8, rows};
}

}  // namespace plimsoll::testing
