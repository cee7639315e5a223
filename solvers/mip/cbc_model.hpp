// Putting a CBC together: the relaxation of a model, and the cuts and heuristics that search it.
#pragma once

#include <CbcModel.hpp>
#include <OsiClpSolverInterface.hpp>

#include "solvers/mip/cbc_hooks.hpp"
#include "solvers/mip/model.hpp"

namespace plimsoll::solvers::mip {

// Fills an empty interface, silent; costs times `scale`.
void load_relaxation(const Model& model, double scale, SilentMessages& messages, OsiClpSolverInterface& relaxation);

// Lets the watch break off its simplex method.
void watch_relaxation(CbcWatch& watch, OsiClpSolverInterface& relaxation);

// What the cbc program adds by itself, and CbcModel does not.
void add_cuts(CbcModel& cbc);
void add_heuristics(CbcModel& cbc);

}  // namespace plimsoll::solvers::mip
