// The public call (include/plimsoll/rebalance.hpp): request to instance, plan in one of the modes, evaluate, certify.
#include "plimsoll/rebalance.hpp"

#include <utility>

#include "planner/common/certify.hpp"
#include "planner/experts/bound.hpp"
#include "planner/experts/evaluate.hpp"
#include "planner/experts/rebalance/compatible.hpp"
#include "planner/experts/rebalance/request.hpp"
#include "plimsoll/error.hpp"

namespace plimsoll::experts {
namespace {

// The plan counts for what the evaluation makes of it.
Rebalanced certified(const ExpertInstance& instance, Planned planned, const Bounds& bounds, common::Outcome outcome) {
  const Evaluation evaluation = evaluate(instance, planned.plan);
  if (!evaluation.violations.empty()) {
    throw Error(ErrorCode::internal, "rebalance made a plan that breaks its request: " + evaluation.violations.front());
  }
  outcome.objective = evaluation.objective;
  outcome.bound = bounds.objective;
  outcome.bound_method = bounds.method;
  outcome.work = planned.work;
  Rebalanced result;
  result.plan = std::move(planned.plan);
  result.rank = std::move(planned.rank);
  result.certificate = common::certify(outcome);
  result.metrics = evaluation.metrics;
  return result;
}

}  // namespace
}  // namespace plimsoll::experts

namespace plimsoll {

Rebalanced rebalance(const RebalanceRequest& request, const RebalanceOptions& options) {
  using namespace experts;
  check_request(request, options);
  const ExpertInstance instance = instance_of(request, options.dispatch);
  const Prepared prepared(instance);
  common::Outcome outcome;
  outcome.seed = options.seed;
  outcome.method = "eplb";
  return certified(instance, plan_compatibly(request, options.threads), quick_bounds(prepared), std::move(outcome));
}

}  // namespace plimsoll
