// Branch and bound for one layer: finds a plan that is better than the best one known, or proves that there is none.
// Exact for even dispatch with any cost, and for weighted dispatch without a table on few devices; docs/methods.md has
// the rules. It decides with numbers of its own and never through a tolerance of a linear program.
#pragma once

#include <cstdint>
#include <string>

#include "planner/experts/search/layer.hpp"
#include "support/meter.hpp"

namespace plimsoll::experts {

struct BranchResult {
  bool complete = false;  // the whole space was searched: nothing scores below `bound`
  double bound = 0;       // proven for the layer's score (seconds and priced moves); 0 where nothing was proven
  LayerPlan plan;         // the best plan below the cutoff that was met; infeasible where none was
  std::uint64_t work = 0;
};

// Whether branch() can decide this layer at all; a sentence that says why not, else empty.
std::string branch_refusal(const LayerProblem& problem);

// Looks for plans that score below `cutoff` (seconds plus priced moves; may be infinite). Ends early, incomplete, after
// about `work_limit` steps or when the meter is urgent.
BranchResult branch(const LayerProblem& problem, double cutoff, std::uint64_t work_limit, const support::Meter& meter);

}  // namespace plimsoll::experts
