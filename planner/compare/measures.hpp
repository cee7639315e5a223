// What is derived from the runs of a comparison: gaps, the time to the best plan, the primal integral, who won.
#pragma once

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "planner/compare/comparison.hpp"

namespace plimsoll::compare {

struct InstanceMeasures {
  std::optional<double> best_objective;  // over all confirmed plans
  std::optional<double> best_bound;      // over all runs but those that a plan refutes, here or in the checker
  // What the primal gap is measured against: the reference, or the best plan of the comparison where that is better.
  std::optional<double> target;
  double horizon = 0;  // seconds that the primal integral covers: the time limit, else the longest run
};

struct RunMeasures {
  std::optional<double> gap;                // (objective - bound) / max(|objective|, 1e-12), own bound; 0 where optimal
  std::optional<double> gap_to_best_bound;  // the same with the best bound
  std::optional<double> gap_to_reference;   // (objective - reference) / max(|reference|, 1e-12); may be negative
  std::optional<double> seconds_to_best;    // when the last plan was found
  std::optional<double> primal_integral;    // seconds
  bool wins = false;                        // nobody has a better plan for this instance and seed
};

struct Measures {
  std::vector<InstanceMeasures> instances;
  std::vector<RunMeasures> runs;
};

Measures measure(const Comparison& comparison);

// Berthold (2013): 0 where both are 0, 1 where their signs differ, else |target - objective| / max of their sizes.
double primal_gap(double objective, double target);

// The primal gap of a run over time: (seconds, gap) at 0 and wherever it changes, 1 while there is no plan. A plan that
// the checker refused is none.
std::vector<std::pair<double, double>> primal_gaps(const Run& run, std::optional<double> target);

// The integral of the primal gap from 0 to the horizon.
double primal_integral(const std::vector<std::pair<double, double>>& gaps, double horizon);

// a > b by more than the tolerance of certificates.
bool exceeds(double a, double b);

}  // namespace plimsoll::compare
