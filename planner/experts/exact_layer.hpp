// One layer under given limits, solved to the end where branch() can: a short local search, then the proof.
#pragma once

#include <cstdint>

#include "planner/experts/layer.hpp"
#include "support/meter.hpp"

namespace plimsoll::experts {

// What a step of branch() costs beside a candidate judged by a local search.
inline constexpr std::uint64_t branch_work = 16;

struct ExactLayer {
  bool complete = false;  // the plan is optimal, or there is none
  double bound = 0;       // of the score, seconds and priced moves; infinite where no plan exists
  LayerPlan plan;         // the best one met
  double score = 0;       // of the plan
  std::uint64_t work = 0;
};

// Layers that are worth a try: branch and bound does not get far beyond.
bool small_enough(const LayerProblem& problem);

// The score of a plan of this layer, its seconds computed anew.
double layer_score(const LayerProblem& problem, const LayerPlan& plan);

// `bound`: a score that no plan beats. Spends about `work_limit` on the proof.
ExactLayer solve_exactly(const LayerProblem& problem, double bound, std::uint64_t seed, std::uint64_t work_limit,
                         const support::Meter& meter);

}  // namespace plimsoll::experts
