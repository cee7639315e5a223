#include "solvers/mip/cbc_hooks.hpp"

#include <CbcModel.hpp>
#include <CoinPackedMatrix.hpp>
#include <OsiSolverInterface.hpp>
#include <algorithm>
#include <array>
#include <cmath>

namespace plimsoll::solvers::mip {

namespace {

// The front of what CBC hands over when a heuristic is about to search a small model (CbcHeuristic.cpp, "SmallMod").
struct SmallSearch {
  double fraction_small;
  std::array<double, 3> spare;
  const OsiSolverInterface* solver;
};

// Presolve looks at the whole row for every column in it that is not fixed, and cannot be broken off: 4e9 took half a
// minute. Where the small model is small this is thousands; a heuristic that fixed nothing brings its dense row along.
constexpr double most_presolve_work = 2e7;
double presolve_work(const OsiSolverInterface& solver) {
  const CoinPackedMatrix& matrix = *solver.getMatrixByRow();
  double work = 0;
  for (int row = 0; row < matrix.getNumRows(); ++row) {
    double open = 0;
    for (CoinBigIndex k = matrix.getVectorFirst(row); k < matrix.getVectorLast(row); ++k) {
      const int column = matrix.getIndices()[k];
      if (solver.getColLower()[column] < solver.getColUpper()[column]) ++open;
    }
    work += open * open;
  }
  return work;
}

}  // namespace

bool CbcWatch::stop() {
  if (!tripped_ && search_->should_stop()) {
    tripped_ = true;
    // Heuristics and cut generators ask the clock, and only that.
    if (model_ != nullptr) model_->setMaximumSeconds(0);
  }
  return tripped_;
}

CbcEventHandler::CbcAction TreeEvents::event(CbcEvent which) {
  // Heuristics search small models of their own, whose bounds and points mean something else.
  if (!watch_->is_main(getModel())) return watch_->stop() ? stop : noAction;
  CbcModel& model = *model_;
  if (watch_->tripped()) return stop;
  if (which == treeStatus) {
    // All open nodes are in the tree now.
    const double bound = std::min(model.getBestPossibleObjValue(), model.getObjValue());
    if (std::abs(bound) < 1e30) watch_->search().raise_bound(bound * unit_);
  }
  // Without a point the objective is 1e50.
  const bool found = which == solution || which == heuristicSolution;
  if (found && model.bestSolution() != nullptr && model.getObjValue() < seen_) {
    seen_ = model.getObjValue();
    watch_->search().offer({model.bestSolution(), static_cast<std::size_t>(model.getNumCols())});
  }
  return watch_->stop() ? stop : noAction;
}

CbcEventHandler::CbcAction TreeEvents::event(CbcEvent which, void* about) {
  if (which != smallBranchAndBound) return event(which);
  if (watch_->stop()) return killSolution;
  const auto* search = static_cast<const SmallSearch*>(about);
  return presolve_work(*search->solver) > most_presolve_work ? killSolution : event(which);
}

CallersHeuristic::CallersHeuristic(CbcModel& model, CbcWatch& watch, double unit)
    : CbcHeuristic(model), watch_(&watch), unit_(unit) {
  setHeuristicName("caller's");
  setWhereFrom(0xFF);
}

int CallersHeuristic::solution(double& objective, double* point) {
  if (!watch_->is_main(model_) || watch_->stop()) return 0;
  Search& search = watch_->search();
  const OsiSolverInterface& solver = *model_->solver();
  if (!solver.isProvenOptimal()) return 0;
  search.ask_heuristic({solver.getColSolution(), static_cast<std::size_t>(solver.getNumCols())});
  // Whatever is better by now, also what an earlier call found.
  if (!search.has_incumbent() || search.objective() / unit_ >= objective - 1e-9) return 0;
  objective = search.objective() / unit_;
  std::copy(search.point().begin(), search.point().end(), point);
  return 1;
}

}  // namespace plimsoll::solvers::mip
