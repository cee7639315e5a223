// The backends that this build may have, one function each; called by solve() only, with models that have entries.
#pragma once

#include "solvers/mip/search.hpp"

namespace plimsoll::solvers::mip {

Result solve_with_glpk(const Model& model, const Options& options, Search& search);
Result solve_with_cbc(const Model& model, const Options& options, Search& search);

// The power of two by which a backend is to see the costs, so that the largest is between 1 and 2 in size: backends
// prune with absolute tolerances, which costs of 1e-6 (seconds) would not survive. 1 where all costs are 0.
double cost_scale(const Model& model);

}  // namespace plimsoll::solvers::mip
