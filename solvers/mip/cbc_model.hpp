// Putting a CBC together: the relaxation of a model.
#pragma once

#include <OsiClpSolverInterface.hpp>

#include "solvers/mip/cbc_hooks.hpp"
#include "solvers/mip/model.hpp"

namespace plimsoll::solvers::mip {

// Fills an empty interface, silent; costs divided by `unit`.
void load_relaxation(const Model& model, double unit, SilentMessages& messages, OsiClpSolverInterface& relaxation);

// Lets the watch break off its simplex method.
void watch_relaxation(CbcWatch& watch, OsiClpSolverInterface& relaxation);

}  // namespace plimsoll::solvers::mip
