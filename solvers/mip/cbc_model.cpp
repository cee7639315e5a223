#include "solvers/mip/cbc_model.hpp"

#include <ClpSimplex.hpp>
#include <ClpSolve.hpp>
#include <CoinPackedMatrix.hpp>
#include <cmath>
#include <vector>

namespace plimsoll::solvers::mip {

void watch_relaxation(CbcWatch& watch, OsiClpSolverInterface& relaxation) {
  const RelaxationEvents events(watch);
  relaxation.getModelPtr()->passInEventHandler(&events);
}

void load_relaxation(const Model& model, double unit, SilentMessages& messages, OsiClpSolverInterface& relaxation) {
  relaxation.passInMessageHandler(&messages);
  relaxation.getModelPtr()->passInMessageHandler(&messages);
  relaxation.setHintParam(OsiDoReducePrint, true, OsiHintTry);
  // Left to choose, it takes "sprint" for wide models, which prints.
  ClpSolve choice;
  choice.setSolveType(ClpSolve::usePrimal);
  choice.setPresolveType(ClpSolve::presolveOff);
  relaxation.setSolveOptions(choice);
  const auto finite = [](double bound) { return std::isinf(bound) ? std::copysign(COIN_DBL_MAX, bound) : bound; };
  std::vector<double> lower, upper, cost, row_lower, row_upper, coefficients;
  std::vector<int> columns;
  std::vector<CoinBigIndex> starts{0};
  for (int j = 0; j < model.variables(); ++j) {
    const Variable& variable = model.variable(j);
    lower.push_back(finite(variable.lower));
    upper.push_back(finite(variable.upper));
    cost.push_back(variable.cost / unit);
  }
  for (int row = 0; row < model.rows(); ++row) {
    row_lower.push_back(finite(model.row_lower(row)));
    row_upper.push_back(finite(model.row_upper(row)));
    for (const auto [index, coefficient] : model.row(row)) {
      columns.push_back(index);
      coefficients.push_back(coefficient);
    }
    starts.push_back(static_cast<CoinBigIndex>(columns.size()));
  }
  // An assertion of OsiClp's crunch(), on in Debian's build, takes the mark 2 for an index: with less than three
  // columns it aborts unless there are three rows.
  while (model.variables() < 3 && row_lower.size() < 3) {
    row_lower.push_back(-COIN_DBL_MAX);
    row_upper.push_back(COIN_DBL_MAX);
    starts.push_back(starts.back());
  }
  const CoinPackedMatrix matrix(false, model.variables(), static_cast<int>(row_lower.size()), starts.back(),
                                coefficients.data(), columns.data(), starts.data(), nullptr);
  relaxation.loadProblem(matrix, lower.data(), upper.data(), cost.data(), row_lower.data(), row_upper.data());
  for (int j = 0; j < model.variables(); ++j) {
    if (model.variable(j).integer) relaxation.setInteger(j);
  }
}

}  // namespace plimsoll::solvers::mip
