// What Clp says of a linear program, once it has been verified. Its primal method calls some programs without an
// optimum solved, its dual method some of them infeasible (one in a hundred small random ones with free variables), so
// claims are checked against the model, and other ways through the simplex method are tried while they fail.
#pragma once

#include <ClpSimplex.hpp>
#include <memory>
#include <span>
#include <vector>

#include "solvers/mip/evaluate.hpp"
#include "solvers/mip/proofs.hpp"

namespace plimsoll::solvers::mip {

enum class ClpClaim { optimal, infeasible, unbounded, unverified };

// The multipliers by which Clp claims that there is no point, or nothing. The sign depends on which bound was missed.
inline std::vector<double> infeasibility_multipliers(const Model& model, const ClpSimplex& simplex) {
  const std::unique_ptr<double[]> found(simplex.infeasibilityRay());
  if (!found) return hopeless_row(model);
  std::vector<double> ray(found.get(), found.get() + model.rows());
  if (suggests_infeasible(model, ray)) return ray;
  for (double& multiplier : ray) multiplier = -multiplier;
  return suggests_infeasible(model, ray) ? ray : hopeless_row(model);
}

// Judges the outcome of the last run. Clp saw the costs divided by `unit`, and perhaps some rows more.
inline ClpClaim verified_claim(const Model& model, double unit, const ClpSimplex& simplex) {
  const auto variables = static_cast<std::size_t>(model.variables());
  if (simplex.status() == 0) {
    const std::vector<double> point = tidied_continuous(model, {simplex.primalColumnSolution(), variables});
    std::vector<double> duals(simplex.dualRowSolution(), simplex.dualRowSolution() + model.rows());
    for (double& dual : duals) dual *= unit;
    const bool holds =
        evaluate(model, point).violation <= feasibility_tolerance && support_each_other(model, point, duals);
    return holds ? ClpClaim::optimal : ClpClaim::unverified;
  }
  // 4, numerical trouble, is also what it says of empty rows that cannot hold.
  const bool infeasible = simplex.status() == 1 || simplex.status() == 4;
  if (infeasible && !infeasibility_multipliers(model, simplex).empty()) return ClpClaim::infeasible;
  if (simplex.status() == 2) {
    const std::unique_ptr<double[]> ray(simplex.unboundedRay());
    if (ray && proves_unbounded(model, {ray.get(), variables})) return ClpClaim::unbounded;
  }
  return ClpClaim::unverified;
}

// Goes on until a claim holds. Failing that, two runs that saw no point and none that saw an optimum or an open end
// have it: scaling may spoil the multipliers. `ended` is asked between the runs; true gives up.
template <class Ended>
ClpClaim insist(const Model& model, double unit, ClpSimplex& simplex, int& iterations, Ended&& ended) {
  const int scaling = simplex.scalingFlag();
  ClpClaim claim = verified_claim(model, unit, simplex);
  int infeasible = simplex.status() == 1 ? 1 : 0;
  bool otherwise = simplex.status() == 0 || simplex.status() == 2;
  for (int way = 0; way < 4 && claim == ClpClaim::unverified && !ended(); ++way) {
    simplex.allSlackBasis(true);
    simplex.scaling(way < 2 ? scaling : 0);
    way % 2 == 0 ? simplex.dual(0) : simplex.primal(0);
    iterations += simplex.numberIterations();
    if (ended()) break;
    claim = verified_claim(model, unit, simplex);
    if (simplex.status() == 1) ++infeasible;
    otherwise = otherwise || simplex.status() == 0 || simplex.status() == 2;
  }
  simplex.scaling(scaling);
  if (claim != ClpClaim::unverified || ended()) return claim;
  return infeasible >= 2 && !otherwise ? ClpClaim::infeasible : claim;
}

}  // namespace plimsoll::solvers::mip
