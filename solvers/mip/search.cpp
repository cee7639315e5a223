#include "solvers/mip/search.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "plimsoll/error.hpp"
#include "solvers/mip/cost_unit.hpp"
#include "solvers/mip/evaluate.hpp"
#include "support/json_text.hpp"

namespace plimsoll::solvers::mip {

namespace {

// Backends decide with tolerances of about 1e-7: up to here a claim and our own value speak of the same number.
bool agree(double left, double right) {
  return std::abs(left - right) <= 1e-6 * std::max({1.0, std::abs(left), std::abs(right)});
}

bool closed(double objective, double bound) { return objective - bound <= 1e-9 * std::max(1.0, std::abs(objective)); }

}  // namespace

Search::Search(const Model& model, const Options& options) : model_(model), options_(options) {
  const auto& limit = options.time_limit_seconds;
  if (limit && !(*limit >= 0)) throw Error(ErrorCode::usage, "the time limit must be 0 seconds or more");
  if (options.node_limit && *options.node_limit < 0) throw Error(ErrorCode::usage, "the node limit must be 0 or more");
  if (!(options.gap >= 0)) throw Error(ErrorCode::usage, "the gap must be 0 or more");
  if (options.threads != 1) {
    throw Error(ErrorCode::unsupported,
                "integer programs are solved by one thread, not " + std::to_string(options.threads), {},
                "Maybe solve several at once");
  }
  step_ = objective_step(model);
  trivial_bound_ = bound_ = trivial_bound(model);
  if (!options.start.empty()) start_used_ = offer(options.start);
}

template <class Call>
void Search::guarded(Call&& call) {
  // Nothing may fly through the frames of a backend.
  try {
    call();
  } catch (...) {
    if (!thrown_) thrown_ = std::current_exception();
  }
}

double Search::seconds() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }

double Search::seconds_left() const {
  if (!options_.time_limit_seconds) return 1e9;
  return std::clamp(*options_.time_limit_seconds - seconds(), 0.0, 1e9);
}

bool Search::should_stop() {
  if (stopped_by_) return true;
  if (thrown_ || (options_.stop != nullptr && options_.stop->load(std::memory_order_relaxed))) {
    stopped_by_ = StoppedBy::interrupt;
  } else if (has_incumbent() && closed(objective_, bound_)) {
    stopped_by_ = StoppedBy::optimal;
  } else if (has_incumbent() && objective_ - bound_ <= options_.gap * std::max(std::abs(objective_), 1e-12)) {
    stopped_by_ = StoppedBy::gap;
  } else if (options_.time_limit_seconds && seconds() >= *options_.time_limit_seconds) {
    stopped_by_ = StoppedBy::time;
  }
  return stopped_by_.has_value();
}

void Search::contradict(const std::string& what) {
  if (contradiction_.empty()) contradiction_ = what;
  bound_ = trivial_bound_;
}

bool Search::offer(std::span<const double> point) {
  std::vector<double> candidate = tidied(model_, point);
  Evaluation found = evaluate(model_, candidate);
  if (!found.feasible() && found.fraction == 0 && repair_ && model_.has_continuous()) {
    // Rounding has moved rows that continuous variables can bring back.
    std::vector<double> repaired = candidate;
    if (repair_(repaired)) {
      candidate = tidied(model_, repaired);
      found = evaluate(model_, candidate);
    }
  }
  if (!found.feasible()) {
    ++rejected_;
    rejected_for_ = found.fraction > 0 ? "a variable that is not whole" : found.most_violated;
    return false;
  }
  if (has_incumbent() && found.objective >= objective_) return false;
  has_incumbent_ = true;
  point_ = std::move(candidate);
  objective_ = found.objective;
  if (objective_ < bound_) {
    if (!agree(objective_, bound_)) {
      contradict("the bound " + support::number_text(bound_) + " lies above a verified objective of " +
                 support::number_text(objective_));
    }
    bound_ = std::min(bound_, objective_);
  }
  if (options_.incumbent) guarded([&] { options_.incumbent({point_, objective_, bound_}); });
  return true;
}

void Search::raise_bound(double bound) {
  if (std::isnan(bound) || !contradiction_.empty()) return;
  bound = std::min(lifted_to_step(bound, step_), objective_);
  if (!(bound > bound_) || std::isinf(bound)) return;
  bound_ = bound;
  if (options_.bound_raised) guarded([&] { options_.bound_raised(bound_); });
}

bool Search::ask_heuristic(std::span<const double> relaxation) {
  if (!options_.heuristic || thrown_) return false;
  bool better = false;
  guarded([&] {
    const std::vector<double> point = options_.heuristic(relaxation);
    if (!point.empty()) better = offer(point);
  });
  return better;
}

void Search::judge_complete(const Claim& claim, Result& result) {
  if (!has_incumbent()) {
    raise_bound(claim.value);
    result.stopped_by = StoppedBy::exhausted;
    result.reason = "the backend calls a point optimal that breaks " +
                    (rejected_for_.empty() ? std::string("the model") : rejected_for_);
  } else if (agree(objective_, claim.value)) {
    bound_ = objective_;
  } else if (objective_ < claim.value) {
    contradict("the backend claims the optimum " + support::number_text(claim.value) +
               ", but a verified point has the objective " + support::number_text(objective_));
  } else {
    // Rounding cost more than the backend's tolerances: its value is still a bound.
    raise_bound(claim.value);
    result.stopped_by = StoppedBy::exhausted;
    result.reason = "the backend's optimum, rounded, is worse than it claims";
  }
}

Result Search::finish(const Claim& claim, std::int64_t nodes) {
  if (thrown_) std::rethrow_exception(thrown_);
  Result result;
  result.stopped_by = stopped_by_.value_or(claim.stopped_by);
  result.reason = claim.reason;
  switch (claim.what) {
    case Claim::What::complete:
      judge_complete(claim, result);
      break;
    case Claim::What::infeasible:
      if (has_incumbent()) {
        contradict("the backend claims that there is no point, but one was verified");
      } else {
        result.status = Status::infeasible;
        result.stopped_by = StoppedBy::optimal;
      }
      break;
    case Claim::What::unbounded:
      if (std::isfinite(trivial_bound_)) {
        contradict("the backend claims an unbounded relaxation of a model whose bounds exclude it");
      } else {
        result.status = Status::unbounded;
        result.stopped_by = StoppedBy::optimal;
      }
      break;
    case Claim::What::stopped:
    case Claim::What::gave_up:
      break;
  }
  if (!contradiction_.empty()) {
    result.status = Status::unknown;
    result.stopped_by = StoppedBy::exhausted;
    result.reason = contradiction_;
  }
  const bool decided = result.status == Status::infeasible || result.status == Status::unbounded;
  if (has_incumbent() && !decided) {
    result.status = closed(objective_, bound_) ? Status::optimal : Status::feasible;
    if (result.status == Status::optimal) result.stopped_by = StoppedBy::optimal;
    result.point = point_;
    result.objective = objective_;
  }
  if (result.status == Status::infeasible) result.bound = infinity;
  if (!decided) result.bound = std::min(bound_, result.objective);
  result.start_used = start_used_;
  result.nodes = nodes;
  result.seconds = seconds();
  return result;
}

}  // namespace plimsoll::solvers::mip
