#include "planner/common/certify.hpp"

#include <algorithm>
#include <cmath>
#include <sstream>

#include "plimsoll/error.hpp"

namespace plimsoll::common {
namespace {

constexpr double tolerance = 1e-9;

std::string shown(double value) {
  std::ostringstream text;
  text.precision(17);
  text << value;
  return text.str();
}

bool agree(double claimed, double recomputed) {
  return std::abs(claimed - recomputed) <= tolerance * std::max(1.0, std::abs(recomputed));
}

}  // namespace

double gap_of(double objective, double bound) {
  return std::max(0.0, (objective - bound) / std::max(std::abs(objective), 1e-12));
}

bool is_optimal(double objective, double bound) {
  return objective - bound <= tolerance * std::max(1.0, std::abs(objective));
}

Certificate certify(const Outcome& outcome) {
  Certificate certificate;
  certificate.method = outcome.method;
  certificate.seed = outcome.seed;
  certificate.work = outcome.work;
  certificate.bound = outcome.bound;
  certificate.bound_method = outcome.bound_method;
  certificate.bound_evidence = outcome.bound_evidence;
  if (!outcome.objective) {
    const bool infeasible = !outcome.impossible.empty();
    certificate.status = infeasible ? Status::infeasible : Status::unknown;
    certificate.reason = infeasible ? outcome.impossible : outcome.reason;
    certificate.stopped_by = outcome.limit && !infeasible ? *outcome.limit : StoppedBy::exhausted;
    if (infeasible) certificate.bound.reset();
    return certificate;
  }
  const double objective = *outcome.objective;
  certificate.objective = objective;
  certificate.verified = true;
  certificate.status = Status::feasible;
  certificate.stopped_by = outcome.limit.value_or(StoppedBy::exhausted);
  if (!outcome.bound) return certificate;
  if (*outcome.bound > objective + tolerance * std::max(1.0, std::abs(objective))) {
    throw Error(ErrorCode::internal,
                "the bound " + shown(*outcome.bound) + " (" + outcome.bound_method +
                    ") exceeds the verified objective " + shown(objective),
                {}, "Maybe report this together with the instance.");
  }
  // A bound within rounding above the objective says that the plan is optimal, not that it is better than possible.
  certificate.bound = std::min(*outcome.bound, objective);
  certificate.gap = gap_of(objective, *certificate.bound);
  if (is_optimal(objective, *certificate.bound)) {
    certificate.status = Status::optimal;
    certificate.stopped_by = StoppedBy::optimal;
  } else if (outcome.gap_wanted > 0 && *certificate.gap <= outcome.gap_wanted) {
    certificate.stopped_by = StoppedBy::gap;
  }
  return certificate;
}

std::vector<std::string> contradictions(const Certificate& certificate, std::optional<double> objective,
                                        std::optional<double> bound) {
  std::vector<std::string> found;
  const auto complain = [&](const std::string& key, const std::string& sentence) {
    found.push_back("/certificate/" + key + ": " + sentence);
  };
  if (!certificate.objective) {
    complain("objective", "a plan is given without an objective");
  } else if (objective && !agree(*certificate.objective, *objective)) {
    complain("objective", "claims " + shown(*certificate.objective) + ", the plan gives " + shown(*objective));
  }
  if (certificate.bound && bound && *certificate.bound > *bound + tolerance * std::max(1.0, std::abs(*bound))) {
    complain("bound", "claims " + shown(*certificate.bound) + ", recomputed " + shown(*bound));
  }
  if (certificate.bound && certificate.objective) {
    const double expected = gap_of(*certificate.objective, *certificate.bound);
    if (*certificate.bound > *certificate.objective + tolerance * std::max(1.0, std::abs(*certificate.objective))) {
      complain("bound", "exceeds the objective");
    }
    if (!certificate.gap || !agree(*certificate.gap, expected)) {
      complain("gap", "expected " + shown(expected));
    }
    if (certificate.status == Status::optimal && !is_optimal(*certificate.objective, *certificate.bound)) {
      complain("status", "claims optimal with an open gap");
    }
  } else if (certificate.status == Status::optimal) {
    complain("status", "claims optimal without a bound");
  }
  if (certificate.status == Status::infeasible || certificate.status == Status::unknown) {
    complain("status", "says that there is no plan, and a plan is given");
  }
  if (!certificate.verified) complain("verified", "the plan was never verified");
  return found;
}

}  // namespace plimsoll::common
