// Bounds and proofs from the duals of a linear program; they stand with the model, because CBC's claims need them too.
#pragma once

#include "solvers/mip/proofs.hpp"

namespace plimsoll::solvers::lp {

using mip::dual_bound;
using mip::proves_infeasible;

}  // namespace plimsoll::solvers::lp
