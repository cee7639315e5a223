// CBC through CbcModel rather than its C interface: that one installs signal handlers, prints, ends in exit() on a bad
// parameter and offers no way in while it runs.
#include <CbcModel.hpp>
#include <CoinError.hpp>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "plimsoll/error.hpp"
#include "solvers/mip/backends.hpp"
#include "solvers/mip/cbc_model.hpp"

namespace plimsoll::solvers::mip {

namespace {

// One solve at a time in the whole process: two at once "prove" wrong optima. A plain mutex could not be left when the
// time is up or somebody asks to stop.
class Turn {
 public:
  explicit Turn(Search& search) {
    std::unique_lock lock(mutex_);
    while (taken_) {
      if (search.should_stop()) return;
      freed_.wait_for(lock, std::chrono::milliseconds(5));
    }
    taken_ = mine_ = true;
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  ~Turn() {
    if (!mine_) return;
    {
      const std::lock_guard lock(mutex_);
      taken_ = false;
    }
    freed_.notify_one();
  }
  [[nodiscard]] bool mine() const { return mine_; }

 private:
  static inline std::mutex mutex_;
  static inline std::condition_variable freed_;
  static inline bool taken_ = false;
  bool mine_ = false;
};

class Cbc {
 public:
  Cbc(const Model& model, const Options& options, Search& search)
      : model_(model), options_(options), search_(search), watch_(search), scale_(cost_scale(model)) {}

  Claim run() {
    load_relaxation(model_, scale_, messages_, relaxation_);
    watch_relaxation(watch_, relaxation_);
    search_.set_repair([this](std::vector<double>& point) { return repair(point); });
    relaxation_.initialSolve();
    if (watch_.stop()) return {Claim::What::stopped};
    if (relaxation_.isProvenPrimalInfeasible()) return {Claim::What::infeasible};
    if (relaxation_.isProvenDualInfeasible()) return {Claim::What::unbounded};
    if (!relaxation_.isProvenOptimal()) return gave_up("it could not solve the relaxation");
    const double value = relaxation_.getObjValue() / scale_;
    search_.raise_bound(value);
    if (!model_.has_integers()) {
      search_.offer({relaxation_.getColSolution(), static_cast<std::size_t>(model_.variables())});
      return {Claim::What::complete, value, StoppedBy::optimal};
    }
    return branch();
  }
  [[nodiscard]] std::int64_t nodes() const { return nodes_; }

 private:
  // CglPreProcess is left out: on our models it gained nothing, and without it CBC's points are ours, so that starts,
  // incumbents and the caller's heuristic need no translation.
  Claim branch() {
    CbcModel cbc(relaxation_);
    TreeEvents events(watch_, scale_);
    prepare(cbc, events);
    watch_.set_model(&cbc);
    cbc.initialSolve();
    cbc.branchAndBound();
    watch_.set_model(nullptr);
    nodes_ = cbc.getNodeCount();
    return judge(cbc);
  }

  void prepare(CbcModel& cbc, TreeEvents& events) {
    cbc.passInMessageHandler(&messages_);
    cbc.passInEventHandler(&events);
    cbc.solver()->setHintParam(OsiDoReducePrint, true, OsiHintTry);
    cbc.setUseElapsedTime(true);
    cbc.setMaximumSeconds(search_.seconds_left());
    if (options_.node_limit) cbc.setMaximumNodes(static_cast<int>(std::min<std::int64_t>(*options_.node_limit, 2'000'000'000)));
    cbc.setAllowableGap(1e-10);
    cbc.setAllowableFractionGap(std::min(options_.gap, 1e9));
    // By default only points better by 1e-5 count, whatever the size of the objective.
    cbc.setCutoffIncrement(1e-9);
    cbc.setIntegerTolerance(1e-7);
    cbc.setRandomSeed(static_cast<int>(options_.seed % 2'000'000'000U));
    cbc.setPrintFrequency(20);  // also how often the bound is computed anew
    cbc.setNumberStrong(5);
    cbc.setNumberBeforeTrust(10);
    add_cuts(cbc);
    add_heuristics(cbc);
    if (options_.heuristic) {
      CallersHeuristic heuristic(cbc, watch_, scale_);
      cbc.addHeuristic(&heuristic);
    }
    if (search_.has_incumbent()) {
      cbc.setBestSolution(search_.point().data(), model_.variables(), search_.objective() * scale_, false);
    }
  }

  Claim judge(CbcModel& cbc) {
    const bool interrupted = watch_.tripped() || watch_.stop();
    const double* best = cbc.bestSolution();
    if (best != nullptr && cbc.getObjValue() / scale_ < search_.objective()) {
      search_.offer({best, static_cast<std::size_t>(model_.variables())});
    }
    if (interrupted) return {Claim::What::stopped};
    const double value = std::min(best != nullptr ? cbc.getObjValue() / scale_ : infinity, search_.objective());
    // isProvenOptimal() is true for a search that ended at the gap.
    if (cbc.status() == 0 && (cbc.secondaryStatus() == 0 || cbc.secondaryStatus() == 1)) {
      if (std::isinf(value)) return {Claim::What::infeasible};
      return {Claim::What::complete, value, StoppedBy::optimal};
    }
    const double bound = std::min(cbc.getBestPossibleObjValue(), cbc.getObjValue()) / scale_;
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
    load_relaxation(model_, scale_, messages_, fixed);
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
  double scale_;
  OsiClpSolverInterface relaxation_;
  std::int64_t nodes_ = 0;
};

}  // namespace

Result solve_with_cbc(const Model& model, const Options& options, Search& search) {
  const Turn turn(search);
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
