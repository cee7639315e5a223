// CBC as its program runs it: CbcMain1 sets up cuts, heuristics and the simplex method, which CbcModel by itself leaves
// bare; on hard models that decided more than anything we could add. Its words are fixed below, because unknown ones
// would be printed; limits, tolerances and hooks go in through its callback, just before the search.
#include <CbcModel.hpp>
#include <CbcSolver.hpp>
#include <CoinError.hpp>
#include <CoinTime.hpp>
#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <string>

#include "plimsoll/error.hpp"
#include "solvers/mip/backends.hpp"
#include "solvers/mip/cbc_model.hpp"
#include "solvers/mip/cbc_turn.hpp"
#include "solvers/mip/clp_claim.hpp"
#include "solvers/mip/cost_unit.hpp"

namespace plimsoll::solvers::mip {

namespace {

class Cbc {
 public:
  Cbc(const Model& model, const Options& options, Search& search)
      : model_(model),
        options_(options),
        search_(search),
        watch_(search),
        step_(objective_step(model)),
        unit_(cost_unit(model)) {}

  Claim run() {
    load_relaxation(model_, unit_, messages_, relaxation_);
    watch_relaxation(watch_, relaxation_);
    search_.set_repair([this](std::vector<double>& point) { return repair(point); });
    relaxation_.initialSolve();
    if (watch_.stop()) return {Claim::What::stopped};
    int iterations = 0;
    ClpSimplex& simplex = *relaxation_.getModelPtr();
    const ClpClaim claim = insist(model_, unit_, simplex, iterations, [this] { return watch_.stop(); });
    if (watch_.stop()) return {Claim::What::stopped};
    if (claim == ClpClaim::infeasible) return {Claim::What::infeasible};
    if (claim == ClpClaim::unbounded) return {Claim::What::unbounded};
    if (claim != ClpClaim::optimal) return gave_up("it could not solve the relaxation");
    const double value = simplex.objectiveValue() * unit_;
    search_.raise_bound(value);
    if (!model_.has_integers()) {
      search_.offer({simplex.primalColumnSolution(), static_cast<std::size_t>(model_.variables())});
      return {Claim::What::complete, value, StoppedBy::optimal};
    }
    return branch();
  }
  [[nodiscard]] std::int64_t nodes() const { return nodes_; }

 private:
  // Without its preprocessing, which gained nothing on our models: then CBC's points are ours, so that starts,
  // incumbents and the caller's heuristic need no translation.
  Claim branch() {
    CbcModel cbc(relaxation_);
    cbc.passInMessageHandler(&messages_);
    cbc.setApplicationData(this);
    CbcSolverUsefulData data;
    data.noPrinting_ = true;
    data.useSignalHandler_ = false;
    CbcMain0(cbc, data);
    silence(cbc);
    std::array words = {"plimsoll", "-preprocess", "off", "-solve", "-quit"};
    CbcMain1(static_cast<int>(words.size()), words.data(), cbc, at_stage, data);
    watch_.set_model(nullptr);
    if (claim_) return *claim_;
    // It never came to the search: tightened bounds crossed.
    if (watch_.stop()) return {Claim::What::stopped};
    if (cbc.status() == 0 && cbc.secondaryStatus() == 1) return {Claim::What::infeasible};
    return gave_up("it ended before the search");
  }

  // What to do before (3) and after (4) the search; a value other than 0 ends CbcMain1.
  static int at_stage(CbcModel* cbc, int stage) {
    auto& self = *static_cast<Cbc*>(cbc->getApplicationData());
    if (stage == 3) {
      self.prepare(*cbc);
      self.watch_.set_model(cbc);
    }
    if (stage != 4) return 0;
    self.nodes_ = cbc->getNodeCount();
    self.claim_ = self.judge(*cbc);
    self.watch_.set_model(nullptr);
    return 1;
  }

  // CbcMain0 turns the messages on again.
  static void silence(CbcModel& cbc) {
    cbc.messageHandler()->setLogLevel(0);
    cbc.solver()->messageHandler()->setLogLevel(0);
    dynamic_cast<OsiClpSolverInterface&>(*cbc.solver()).getModelPtr()->setLogLevel(0);
  }

  void prepare(CbcModel& cbc) {
    TreeEvents events(watch_, unit_);
    cbc.passInEventHandler(&events);
    cbc.setUseElapsedTime(true);
    cbc.setDblParam(CbcModel::CbcStartSeconds, CoinGetTimeOfDay());
    cbc.setMaximumSeconds(search_.seconds_left());
    if (options_.node_limit)
      cbc.setMaximumNodes(static_cast<int>(std::min<std::int64_t>(*options_.node_limit, 2'000'000'000)));
    cbc.setAllowableGap(1e-10);
    cbc.setAllowableFractionGap(std::min(options_.gap, 1e9));
    // By default only points better by 1e-5 count, whatever the size of the objective.
    cbc.setCutoffIncrement(std::max(1e-9, 0.999 * step_ / unit_));
    cbc.setIntegerTolerance(1e-7);
    cbc.setRandomSeed(static_cast<int>(options_.seed % 2'000'000'000U));
    cbc.setPrintFrequency(20);  // also how often the bound is computed anew
    if (options_.heuristic) {
      CallersHeuristic heuristic(cbc, watch_, unit_);
      cbc.addHeuristic(&heuristic);
    }
    if (search_.has_incumbent()) {
      cbc.setBestSolution(search_.point().data(), model_.variables(), search_.objective() / unit_, false);
    }
  }

  Claim judge(CbcModel& cbc) {
    const bool interrupted = watch_.tripped() || watch_.stop();
    const double* best = cbc.bestSolution();
    if (best != nullptr && cbc.getObjValue() * unit_ < search_.objective()) {
      search_.offer({best, static_cast<std::size_t>(model_.variables())});
    }
    if (interrupted) return {Claim::What::stopped};
    const double value = std::min(best != nullptr ? cbc.getObjValue() * unit_ : infinity, search_.objective());
    // isProvenOptimal() is true for a search that ended at the gap.
    if (cbc.status() == 0 && (cbc.secondaryStatus() == 0 || cbc.secondaryStatus() == 1)) {
      if (std::isinf(value)) return {Claim::What::infeasible};
      return {Claim::What::complete, value, StoppedBy::optimal};
    }
    const double bound = std::min(cbc.getBestPossibleObjValue(), cbc.getObjValue()) * unit_;
    if (std::abs(bound) < 1e30) search_.raise_bound(bound);
    if (cbc.status() == 0 && cbc.secondaryStatus() == 2) return {Claim::What::stopped, infinity, StoppedBy::gap};
    if (cbc.isNodeLimitReached()) return {Claim::What::stopped, infinity, StoppedBy::work};
    if (cbc.isSecondsLimitReached()) return {Claim::What::stopped, infinity, StoppedBy::time};
    return gave_up("status " + std::to_string(cbc.status()) + ", secondary " + std::to_string(cbc.secondaryStatus()));
  }

  // The integer variables fixed where they are, the others solved for. Runs to its end also when time is up: it is what
  // turns the last point into a solution.
  bool repair(std::vector<double>& point) {
    OsiClpSolverInterface fixed;
    load_relaxation(model_, unit_, messages_, fixed);
    fixed.setDblParam(OsiPrimalTolerance, 1e-9);
    for (int j = 0; j < model_.variables(); ++j) {
      const double value = point[static_cast<std::size_t>(j)];
      if (model_.variable(j).integer) fixed.setColBounds(j, value, value);
    }
    fixed.initialSolve();
    if (!fixed.isProvenOptimal()) return false;
    point.assign(fixed.getColSolution(), fixed.getColSolution() + model_.variables());
    return true;
  }

  static Claim gave_up(const std::string& why) {
    return {Claim::What::gave_up, infinity, StoppedBy::exhausted, "CBC gave up: " + why};
  }

  const Model& model_;
  const Options& options_;
  Search& search_;
  SilentMessages messages_;
  CbcWatch watch_;
  double step_;
  double unit_;
  OsiClpSolverInterface relaxation_;
  std::optional<Claim> claim_;
  std::int64_t nodes_ = 0;
};

}  // namespace

Result solve_with_cbc(const Model& model, const Options& options, Search& search) {
  const CbcTurn turn(search);
  if (!turn.mine()) return search.finish({Claim::What::stopped}, 0);
  Cbc cbc(model, options, search);
  Claim claim;
  try {
    claim = cbc.run();
  } catch (CoinError& error) {
    throw Error(ErrorCode::internal, "CBC broke down: " + error.message() + " in " + error.methodName());
  }
  search.set_repair({});
  return search.finish(claim, cbc.nodes());
}

}  // namespace plimsoll::solvers::mip
