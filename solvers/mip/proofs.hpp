// What multipliers of the rows, points and directions prove about the relaxation of a model, whoever came up with them.
// For any y,
//   min cost x  >=  sum_i (y_i > 0 ? y_i lower_i : y_i upper_i)  +  sum_j min over x_j in its bounds of d_j x_j,
// with d_j = cost_j - sum_i y_i a_ij. All sums are rounded down by more than they can have lost, so the values are
// certificates that `check` can compute again from stored multipliers. Integrality is not used.
//
// A reduced cost is known up to rounding only, so a basic variable without a bound on either side ruins the proof: give
// every variable two finite bounds (an objective that is known to be reachable yields them).
#pragma once

#include <span>
#include <vector>

#include "solvers/mip/model.hpp"

namespace plimsoll::solvers::mip {

// At most the least objective of the relaxation; -infinity where the multipliers prove nothing. A multiplier that leans
// on an infinite bound is taken as 0. Throws Error(usage) where their number is not that of the rows.
double dual_bound(const mip::Model& model, std::span<const double> multipliers);

// Whether the multipliers prove that no point satisfies rows and bounds: the bound above, with all costs 0, is above 0.
bool proves_infeasible(const mip::Model& model, std::span<const double> multipliers);

// The same within tolerances: what is left of a variable without bounds may be rounding. Not a certificate.
bool suggests_infeasible(const Model& model, std::span<const double> multipliers);

// Multipliers that are 0 but for one row, which the bounds of its variables keep from being satisfied; empty: no such
// row.
std::vector<double> hopeless_row(const Model& model);

// Whether a point that satisfies the model and the multipliers support each other: reduced costs and multipliers lean
// on bounds where the point is. Within tolerances: a judgement of a simplex method's claim, no certificate.
bool support_each_other(const Model& model, std::span<const double> point, std::span<const double> multipliers);

// Whether every point may go in this direction for ever, and the objective falls. Within tolerances, too.
bool proves_unbounded(const Model& model, std::span<const double> direction);

}  // namespace plimsoll::solvers::mip
