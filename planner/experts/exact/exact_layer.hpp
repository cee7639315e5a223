// What the exact searches share around branch(): which layers to try, what a plan is worth, a plan to start from.
#pragma once

#include <cstdint>

#include "planner/experts/search/layer.hpp"
#include "support/meter.hpp"

namespace plimsoll::experts {

// What a step of branch() costs beside a candidate judged by a local search.
inline constexpr std::uint64_t branch_work = 8;

// Layers that are worth a try: branch and bound does not get far beyond.
bool small_enough(const LayerProblem& problem);

// The score of a plan of this layer (seconds and priced moves, as the objective counts them), its seconds computed
// anew.
double layer_score(const LayerProblem& problem, const LayerPlan& plan);

// Adds the replicas without tokens that fill what must be filled, and counts the moves anew. Infeasible where that
// breaks a limit of the layer or leaves slots empty.
LayerPlan filled(const LayerProblem& problem, LayerPlan plan);

struct BriefSearch {
  LayerPlan plan;
  std::uint64_t work = 0;
};
// Some rounds of local search: a plan to start a proof from. `bound`: a score that no plan beats.
BriefSearch search_briefly(const LayerProblem& problem, double bound, std::uint64_t seed, const support::Meter& meter);

}  // namespace plimsoll::experts
