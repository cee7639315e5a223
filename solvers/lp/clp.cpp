#include <ClpEventHandler.hpp>
#include <ClpSimplex.hpp>
#include <CoinError.hpp>
#include <CoinMessageHandler.hpp>
#include <CoinPackedMatrix.hpp>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

#include "plimsoll/error.hpp"
#include "solvers/lp/dual_bound.hpp"
#include "solvers/lp/linear_program.hpp"
#include "solvers/mip/clp_claim.hpp"
#include "solvers/mip/evaluate.hpp"

namespace plimsoll::solvers::lp {

namespace {

using SteadyClock = std::chrono::steady_clock;

class SilentMessages final : public CoinMessageHandler {
 public:
  SilentMessages() { setLogLevel(0); }
  int print() override { return 0; }
  [[nodiscard]] CoinMessageHandler* clone() const override { return new SilentMessages(*this); }
};

// When to break off; the clock is looked at only now and then.
struct Watch {
  const Limits* limits = nullptr;
  SteadyClock::time_point start = SteadyClock::now();
  std::uint32_t calls = 0;
  std::optional<StoppedBy> stopped_by = {};

  bool stop() {
    if (stopped_by) return true;
    if (limits->stop != nullptr && limits->stop->load(std::memory_order_relaxed)) {
      stopped_by = StoppedBy::interrupt;
    } else if (limits->time_limit_seconds &&
               std::chrono::duration<double>(SteadyClock::now() - start).count() >= *limits->time_limit_seconds) {
      stopped_by = StoppedBy::time;
    }
    return stopped_by.has_value();
  }
};

class Events final : public ClpEventHandler {
 public:
  explicit Events(Watch& watch) : watch_(&watch) {}
  int event(Event) override { return ++watch_->calls % 16 == 0 && watch_->stop() ? 0 : -1; }
  [[nodiscard]] ClpEventHandler* clone() const override { return new Events(*this); }

 private:
  Watch* watch_;
};

double for_clp(double bound) { return std::isinf(bound) ? std::copysign(COIN_DBL_MAX, bound) : bound; }

}  // namespace

struct LinearProgram::Clp {
  explicit Clp(mip::Model given) : model(std::move(given)) {
    simplex.passInMessageHandler(&messages);
    simplex.setLogLevel(0);
    const Events events(watch);
    simplex.passInEventHandler(&events);
    load();
  }

  void load() {
    std::vector<double> lower, upper, cost, row_lower, row_upper, coefficients;
    std::vector<int> columns;
    std::vector<CoinBigIndex> starts{0};
    for (int j = 0; j < model.variables(); ++j) {
      lower.push_back(for_clp(model.variable(j).lower));
      upper.push_back(for_clp(model.variable(j).upper));
      cost.push_back(model.variable(j).cost);
    }
    for (int row = 0; row < model.rows(); ++row) {
      row_lower.push_back(for_clp(model.row_lower(row)));
      row_upper.push_back(for_clp(model.row_upper(row)));
      for (const auto [index, coefficient] : model.row(row)) {
        columns.push_back(index);
        coefficients.push_back(coefficient);
      }
      starts.push_back(static_cast<CoinBigIndex>(columns.size()));
    }
    const CoinPackedMatrix matrix(false, model.variables(), model.rows(), starts.back(), coefficients.data(),
                                  columns.data(), starts.data(), nullptr);
    simplex.loadProblem(matrix, lower.data(), upper.data(), cost.data(), row_lower.data(), row_upper.data());
  }

  // Bounds that moved leave the basis dual feasible, costs that moved leave it primal feasible.
  void run(const Limits& limits) {
    simplex.setMaximumIterations(limits.iteration_limit.value_or(2'000'000'000));
    if (costs_changed && !bounds_changed) {
      simplex.primal(0);
    } else {
      simplex.dual();
    }
    iterations = simplex.numberIterations();
    claim = mip::insist(model, 1, simplex, iterations, [this] { return stopped(); });
    costs_changed = bounds_changed = false;
  }

  // Also by the iteration limit, after which Clp's status means nothing.
  bool stopped() { return watch.stop() || simplex.status() == 3; }

  void take_optimum(Solution& solution) {
    const auto variables = static_cast<std::size_t>(model.variables());
    const double* duals = simplex.dualRowSolution();
    const double* reduced = simplex.dualColumnSolution();
    solution.status = Status::optimal;
    solution.point = mip::tidied_continuous(model, {simplex.primalColumnSolution(), variables});
    solution.objective = mip::evaluate(model, solution.point).objective;
    solution.duals.assign(duals, duals + model.rows());
    solution.reduced_costs.assign(reduced, reduced + variables);
    solution.bound = std::min(dual_bound(model, solution.duals), solution.objective);
  }

  void take_infeasible(Solution& solution) {
    solution.status = Status::infeasible;
    solution.bound = mip::infinity;
    solution.ray = mip::infeasibility_multipliers(model, simplex);
    if (!proves_infeasible(model, solution.ray)) solution.ray.clear();
  }

  void give_up(Solution& solution, const std::string& why) const {
    solution.status = Status::unknown;
    solution.stopped_by = StoppedBy::exhausted;
    solution.reason = "Clp gave up: " + why;
  }

  Solution solve(const Limits& limits) {
    watch = Watch{&limits};
    Solution solution;
    // Broken off here, the changes wait for the next solve.
    if (!watch.stop()) run(limits);
    solution.iterations = iterations;
    if (watch.stopped_by) {
      solution.stopped_by = *watch.stopped_by;
      return solution;
    }
    if (simplex.status() == 3) {
      solution.stopped_by = StoppedBy::work;
      return solution;
    }
    switch (claim) {
      case mip::ClpClaim::optimal:
        take_optimum(solution);
        break;
      case mip::ClpClaim::infeasible:
        take_infeasible(solution);
        break;
      case mip::ClpClaim::unbounded:
        solution.status = Status::unbounded;
        break;
      case mip::ClpClaim::unverified:
        give_up(solution,
                "none of its claims could be verified; the last status is " + std::to_string(simplex.status()));
    }
    return solution;
  }

  mip::Model model;
  SilentMessages messages;  // outlives the simplex
  Watch watch;
  ClpSimplex simplex;
  bool costs_changed = false;
  bool bounds_changed = true;
  int iterations = 0;
  mip::ClpClaim claim = mip::ClpClaim::unverified;
};

bool available() { return true; }

LinearProgram::LinearProgram(mip::Model model) : clp_(std::make_unique<Clp>(std::move(model))) {}
LinearProgram::LinearProgram(LinearProgram&&) noexcept = default;
LinearProgram& LinearProgram::operator=(LinearProgram&&) noexcept = default;
LinearProgram::~LinearProgram() = default;

const mip::Model& LinearProgram::model() const { return clp_->model; }

void LinearProgram::set_bounds(int variable, double lower, double upper) {
  clp_->model.set_bounds(variable, lower, upper);
  const mip::Variable& changed = clp_->model.variable(variable);
  clp_->simplex.setColumnBounds(variable, for_clp(changed.lower), for_clp(changed.upper));
  clp_->bounds_changed = true;
}

void LinearProgram::set_cost(int variable, double cost) {
  clp_->model.set_cost(variable, cost);
  clp_->simplex.setObjectiveCoefficient(variable, cost);
  clp_->costs_changed = true;
}

void LinearProgram::set_row_bounds(int row, double lower, double upper) {
  clp_->model.set_row_bounds(row, lower, upper);
  clp_->simplex.setRowBounds(row, for_clp(lower), for_clp(upper));
  clp_->bounds_changed = true;
}

int LinearProgram::add_row(double lower, double upper, std::span<const mip::Entry> entries) {
  const int row = clp_->model.add_row(lower, upper, entries);
  std::vector<int> columns;
  std::vector<double> coefficients;
  for (const auto [variable, coefficient] : clp_->model.row(row)) {
    columns.push_back(variable);
    coefficients.push_back(coefficient);
  }
  clp_->simplex.addRow(static_cast<int>(columns.size()), columns.data(), coefficients.data(), for_clp(lower),
                       for_clp(upper));
  clp_->bounds_changed = true;
  return row;
}

Solution LinearProgram::solve(const Limits& limits) {
  if (limits.time_limit_seconds && !(*limits.time_limit_seconds >= 0)) {
    throw Error(ErrorCode::usage, "the time limit must be 0 seconds or more");
  }
  if (limits.iteration_limit && *limits.iteration_limit < 0) {
    throw Error(ErrorCode::usage, "the iteration limit must be 0 or more");
  }
  try {
    return clp_->solve(limits);
  } catch (CoinError& error) {
    throw Error(ErrorCode::internal, "Clp broke down: " + error.message() + " in " + error.methodName());
  }
}

}  // namespace plimsoll::solvers::lp
