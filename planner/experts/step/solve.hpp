// Solving with a clock that started earlier: the program counts the time it took to read the instance.
#pragma once

#include "planner/experts/step/evaluate.hpp"
#include "plimsoll/solve.hpp"
#include "support/meter.hpp"

namespace plimsoll::experts::step {

StepSolution solve(const StepInstance& instance, const SolveOptions& options, support::Meter::Clock::time_point start);

// [microsteps][layers]: seconds of the device that takes longest.
Matrix<double> largest_seconds(const Evaluation& evaluation);

}  // namespace plimsoll::experts::step
