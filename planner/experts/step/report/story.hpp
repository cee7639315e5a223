// All that the page of a step shows: the plan beside what its base replicas would do alone, both evaluated, and the
// bounds. The parts of the page are functions of it.
#pragma once

#include <vector>

#include "planner/experts/step/evaluate.hpp"
#include "planner/experts/step/prepare.hpp"
#include "plimsoll/certificate.hpp"

namespace plimsoll::experts::step {

struct Story {
  const Prepared& prepared;
  const StepPlan& plan;
  const Certificate& certificate;
  Evaluation after;      // of the plan
  Evaluation before;     // of base_alone(plan)
  Matrix<double> bound;  // [microsteps][layers]: no plan has a smaller largest device time there
  Matrix<double> ideal;  // [microsteps][layers]: every token at the mean of the live devices; 0 without load

  [[nodiscard]] const StepInstance& instance() const { return prepared.instance; }
  // When the last window ends.
  [[nodiscard]] double last_end() const;
  // Waiting for gradients behind it.
  [[nodiscard]] double tail() const;
};

// The same base replicas without transient ones, every expert's tokens in equal parts: what would be there without
// copies and without solved shares.
StepPlan base_alone(const Prepared& prepared, const StepPlan& plan);

// The unit of imbalance, as metrics have it.
Matrix<double> ideal_seconds(const Prepared& prepared);

// Where the time of a plan goes. The sum is its objective.
struct Breakdown {
  double balanced = 0;  // computing, were it spread over the devices by their speed
  double imbalance = 0;
  double communication = 0;
  double other = 0;
  double exposed = 0;
  double moves = 0;
};
Breakdown break_down(const Prepared& prepared, const Evaluation& evaluation);

}  // namespace plimsoll::experts::step
