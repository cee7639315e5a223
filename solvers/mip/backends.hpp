// The backends that this build may have, one function each; called by solve() only, with models that have entries.
#pragma once

#include "solvers/mip/search.hpp"

namespace plimsoll::solvers::mip {

Result solve_with_glpk(const Model& model, const Options& options, Search& search);
Result solve_with_cbc(const Model& model, const Options& options, Search& search);

}  // namespace plimsoll::solvers::mip
