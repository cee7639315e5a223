// Seeded steps that brute_force_step.hpp can look at: two devices, two or three experts, and links on which transfers
// take about as long as windows.
#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

#include "planner/experts/step/windows.hpp"
#include "plimsoll/step.hpp"
#include "support/random.hpp"

namespace plimsoll::testing {

inline StepInstance searchable_step(std::uint64_t seed) {
  support::Random random(seed, 171);
  const auto below = [&](int count) { return static_cast<int>(random.below(static_cast<std::size_t>(count))); };
  const auto any = [&](const std::vector<double>& values) { return values[random.below(values.size())]; };
  StepInstance step;
  ExpertInstance& experts = step.experts;
  experts.name = "searchable";
  const bool two_layers = below(3) == 0;
  const int microsteps = two_layers ? 1 + below(2) : 2;
  experts.model.layers = two_layers ? 2 : 1;
  experts.model.experts = two_layers ? 2 : 2 + below(2);
  experts.model.expert_bytes = 1;
  experts.model.gradient_bytes = any({1, 2});
  const bool apart = below(2) == 0;
  experts.cluster.nodes = apart ? 2 : 1;
  experts.cluster.devices_per_node = apart ? 1 : 2;
  const int slots = experts.model.experts == 3 ? 2 : 1;
  experts.cluster.slots = {slots, below(3) == 0 ? 1 : slots};
  experts.cluster.speed = {1, any({1, 1, 2})};
  experts.cluster.fill_slots = below(2) == 0;
  experts.cluster.link = Link{any({0.3, 1, 5}), any({0.1, 0.5, 2}), any({0, 0.05, 0.3}), any({0, 0, 0.25})};
  if (below(10) == 0) experts.cluster.link.reset();
  experts.cost.other_seconds = any({0, 0, 1});
  const auto rows = static_cast<std::size_t>(experts.model.layers);
  const auto count = static_cast<std::size_t>(experts.model.experts);
  experts.load = Matrix<double>(rows, count, 0.0);
  for (int m = 0; m < microsteps; ++m) {
    Matrix<double> load(rows, count, 0.0);
    for (std::size_t l = 0; l < rows; ++l) {
      for (std::size_t e = 0; e < count; ++e) {
        load.at(l, e) = below(8) == 0 ? 0.0 : std::floor(10 * random.uniform() * random.uniform() + 0.5);
        experts.load.at(l, e) += load.at(l, e);
      }
    }
    step.load.push_back(load);
  }
  (below(3) == 0 ? step.transient_pool_slots : step.transient_slots) = below(8) == 0 ? 0 : 1;
  const bool backward = below(3) == 0;
  step.gradient_return = backward && below(3) != 0;
  step.schedule = experts::step::default_schedule(microsteps, backward);
  if (backward && below(2) == 0) {
    step.schedule = experts::step::default_schedule(microsteps, false);
    for (int m = microsteps; m-- > 0;) step.schedule.push_back({Pass::backward, m});
  }
  step.backward_ratio = any({2, 0.5});
  return step;
}

}  // namespace plimsoll::testing
