#include "solvers/mip/cbc_model.hpp"

#include <CbcHeuristicDiveCoefficient.hpp>
#include <CbcHeuristicFPump.hpp>
#include <CbcHeuristicGreedy.hpp>
#include <CbcHeuristicLocal.hpp>
#include <CbcHeuristicRINS.hpp>
#include <CglClique.hpp>
#include <CglFlowCover.hpp>
#include <CglGomory.hpp>
#include <CglKnapsackCover.hpp>
#include <CglMixedIntegerRounding2.hpp>
#include <CglProbing.hpp>
#include <CglTwomir.hpp>
#include <CglZeroHalf.hpp>
#include <ClpSimplex.hpp>
#include <CoinPackedMatrix.hpp>
#include <cmath>
#include <vector>

namespace plimsoll::solvers::mip {

void watch_relaxation(CbcWatch& watch, OsiClpSolverInterface& relaxation) {
  const RelaxationEvents events(watch);
  relaxation.getModelPtr()->passInEventHandler(&events);
}

void load_relaxation(const Model& model, double scale, SilentMessages& messages, OsiClpSolverInterface& relaxation) {
  relaxation.passInMessageHandler(&messages);
  relaxation.getModelPtr()->passInMessageHandler(&messages);
  relaxation.setHintParam(OsiDoReducePrint, true, OsiHintTry);
  const auto finite = [](double bound) { return std::isinf(bound) ? std::copysign(COIN_DBL_MAX, bound) : bound; };
  std::vector<double> lower, upper, cost, row_lower, row_upper, coefficients;
  std::vector<int> columns;
  std::vector<CoinBigIndex> starts{0};
  for (int j = 0; j < model.variables(); ++j) {
    const Variable& variable = model.variable(j);
    lower.push_back(finite(variable.lower));
    upper.push_back(finite(variable.upper));
    cost.push_back(variable.cost * scale);
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
  const CoinPackedMatrix matrix(false, model.variables(), model.rows(), starts.back(), coefficients.data(),
                                columns.data(), starts.data(), nullptr);
  relaxation.loadProblem(matrix, lower.data(), upper.data(), cost.data(), row_lower.data(), row_upper.data());
  for (int j = 0; j < model.variables(); ++j) {
    if (model.variable(j).integer) relaxation.setInteger(j);
  }
}

void add_cuts(CbcModel& cbc) {
  // -98: in the tree only while it pays; -99: at the root only. Both are what the cbc program takes.
  constexpr int if_it_pays = -98;
  constexpr int at_root = -99;
  CglProbing probing;
  probing.setUsingObjective(1);
  probing.setMaxPass(1);
  probing.setMaxPassRoot(1);
  probing.setMaxProbe(10);
  probing.setMaxProbeRoot(50);
  probing.setMaxLook(10);
  probing.setMaxLookRoot(10);
  probing.setMaxElements(200);
  probing.setMaxElementsRoot(300);
  probing.setRowCuts(3);
  cbc.addCutGenerator(&probing, if_it_pays, "Probing");
  CglGomory gomory;
  gomory.setLimitAtRoot(1000);
  gomory.setLimit(50);
  cbc.addCutGenerator(&gomory, if_it_pays, "Gomory");
  CglKnapsackCover knapsack;
  cbc.addCutGenerator(&knapsack, if_it_pays, "Knapsack");
  CglClique clique;
  clique.setStarCliqueReport(false);
  clique.setRowCliqueReport(false);
  clique.setMinViolation(0.05);
  cbc.addCutGenerator(&clique, if_it_pays, "Clique");
  CglMixedIntegerRounding2 rounding(1, true, 1);
  cbc.addCutGenerator(&rounding, if_it_pays, "MixedIntegerRounding2");
  CglFlowCover flow;
  cbc.addCutGenerator(&flow, if_it_pays, "FlowCover");
  CglTwomir two_step;
  two_step.setMaxElements(250);
  cbc.addCutGenerator(&two_step, at_root, "TwoMirCuts");
  CglZeroHalf zero_half;
  cbc.addCutGenerator(&zero_half, if_it_pays, "ZeroHalf");
  const bool small = cbc.getNumCols() < 500;
  cbc.setMaximumCutPassesAtRoot(small ? -100 : cbc.getNumCols() < 5000 ? 100 : 20);
  cbc.setMaximumCutPasses(10);
}

void add_heuristics(CbcModel& cbc) {
  CbcRounding rounding(cbc);
  cbc.addHeuristic(&rounding, "rounding");
  CbcHeuristicFPump pump(cbc);
  pump.setMaximumPasses(30);
  pump.setWhen(13);
  cbc.addHeuristic(&pump, "feasibility pump");
  CbcHeuristicGreedyCover cover(cbc);
  cbc.addHeuristic(&cover, "greedy cover");
  CbcHeuristicGreedyEquality equality(cbc);
  cbc.addHeuristic(&equality, "greedy equality");
  CbcHeuristicDiveCoefficient dive(cbc);
  cbc.addHeuristic(&dive, "dive");
  CbcHeuristicRINS neighbourhood(cbc);
  neighbourhood.setFractionSmall(0.5);
  neighbourhood.setDecayFactor(5.0);
  cbc.addHeuristic(&neighbourhood, "RINS");
  CbcHeuristicLocal combine(cbc);
  combine.setSearchType(1);
  cbc.addHeuristic(&combine, "combine");
}

}  // namespace plimsoll::solvers::mip
