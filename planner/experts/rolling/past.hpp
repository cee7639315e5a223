// What a method gets to see when it plans for the next micro-step, and what its placement is then worth.
//
// Slots are the base slots alone: transient replicas need a future that is known. The load of a static instance is the
// mean over the micro-steps seen, whole where tokens are counted, so that costs and prices weigh as in one micro-step.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "plimsoll/step.hpp"

namespace plimsoll::experts::rolling {

// The base slots and everything static of a step, without load, placement and limits of moves.
ExpertInstance frame_of(const StepInstance& instance);

// Micro-steps [first, last) as one static instance in the frame.
ExpertInstance past_instance(const StepInstance& instance, int first, int last);
// The same micro-steps as a step of their own, for methods that look at each: forward, without transient slots and
// communication.
StepInstance past_step(const StepInstance& instance, int first, int last);

// A placement under the load of one micro-step, shares solved anew (even dispatch: even).
struct Score {
  double imbalance = 1;
  double worst_imbalance = 1;
  std::vector<double> layers;  // imbalance; 0 without load
  std::vector<std::string> violations;
};
Score score(const StepInstance& instance, int microstep, const Matrix<int>& slots);

// The mean over layers with load of the quick bound over the ideal.
double least_imbalance(const StepInstance& instance, int microstep);

}  // namespace plimsoll::experts::rolling
