// Runs one method on one prepared instance and turns what it found into a certificate. Knows no problem by name: a
// problem passes its method and its proof of impossibility.
#pragma once

#include <string>
#include <utility>

#include "planner/common/certify.hpp"
#include "planner/common/context.hpp"

namespace plimsoll::common {

// `method(context)` offers plans and raises bounds until context.should_stop() or until it has nothing left to try.
template <class Plan, class Method>
Certificate drive(Context<Plan>& context, const std::string& impossible, const Method& method) {
  const SolveOptions& options = context.options();
  Outcome outcome;
  outcome.method = options.method;
  outcome.seed = options.seed;
  outcome.gap_wanted = options.gap;
  if (impossible.empty()) {
    method(context);
    outcome.objective = context.objective();
    outcome.bound = context.bound();
    outcome.bound_method = context.bound_method();
    outcome.bound_evidence = context.bound_evidence();
    outcome.limit = context.meter().reason();
    if (!outcome.objective) {
      outcome.reason = context.last_violation().empty() ? "no plan was found" : context.last_violation();
      outcome.impossible = context.excluded();
    }
  } else {
    outcome.impossible = impossible;
  }
  outcome.work = context.meter().work();
  return certify(outcome);
}

}  // namespace plimsoll::common
