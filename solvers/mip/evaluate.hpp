// What a point is worth, computed from the model alone. Nothing that a backend claims about a point is believed before
// it has passed here.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "solvers/mip/model.hpp"

namespace plimsoll::solvers::mip {

// How far a bound of size b may be missed: feasibility_tolerance * max(1, |b|). Whole numbers must be whole.
inline constexpr double feasibility_tolerance = 1e-6;
// How far from whole a backend's value may be to be rounded at all.
inline constexpr double rounding_tolerance = 1e-4;

struct Evaluation {
  double objective = 0;
  double violation = 0;       // largest, of rows and bounds, relative to max(1, |bound|); NaN counts as infinite
  double fraction = 0;        // largest distance of an integer variable from a whole number
  std::string most_violated;  // "row 3 (\"cover\")", "variable 7", or empty
  [[nodiscard]] bool feasible() const { return violation <= feasibility_tolerance && fraction == 0; }
};

// Throws Error(usage) where the point has the wrong size.
Evaluation evaluate(const Model& model, std::span<const double> point);

// The point with integer variables rounded (where they are within rounding_tolerance) and values that miss their bounds
// by no more than the tolerance put onto them.
std::vector<double> tidied(const Model& model, std::span<const double> point);

// The same without rounding, for points of the relaxation.
std::vector<double> tidied_continuous(const Model& model, std::span<const double> point);

// A value that no point goes below, from costs and bounds of the variables alone; often -infinity.
double trivial_bound(const Model& model);

}  // namespace plimsoll::solvers::mip
