// The public call (include/plimsoll/rebalance.hpp): request to instance, plan in one of the modes, evaluate, certify.
#include "plimsoll/rebalance.hpp"

#include <utility>

#include "planner/common/certify.hpp"
#include "planner/experts/bound.hpp"
#include "planner/experts/evaluate.hpp"
#include "planner/experts/read_parts.hpp"
#include "planner/experts/rebalance/best.hpp"
#include "planner/experts/rebalance/compatible.hpp"
#include "planner/experts/rebalance/request.hpp"
#include "plimsoll/error.hpp"
#include "support/meter.hpp"

namespace plimsoll::experts {
namespace {

// A plan that cannot exist is a request that cannot be meant: live slots that do not hold what must stand on them.
[[noreturn]] void refuse_impossible(const Prepared& prepared, const RebalanceRequest& request) {
  if (request.dead.empty()) refuse(prepared.impossible, request.max_moves ? "/max_moves" : "/slots");
  refuse(prepared.impossible, "/dead",
         prepared.instance.keep_groups_on_a_node ? "Maybe give groups as 1, so that groups need not stay on a node."
                                                 : "Maybe give more slots to each device.");
}

// A time limit alone is a guard, as everywhere: the default limit of work stays.
std::uint64_t work_limit(const Prepared& prepared, const RebalanceOptions& options) {
  return options.work_limit.value_or(default_rebalance_work(prepared));
}

// The plan counts for what the evaluation makes of it.
Rebalanced certified(const ExpertInstance& instance, Planned planned, const Bounds& bounds, common::Outcome outcome) {
  outcome.bound = bounds.objective;
  outcome.bound_method = bounds.method;
  outcome.work = planned.work;
  Rebalanced result;
  if (planned.plan.slots.empty()) {
    outcome.reason = "no plan was found";
    result.certificate = common::certify(outcome);
    return result;
  }
  const Evaluation evaluation = evaluate(instance, planned.plan);
  if (!evaluation.violations.empty()) {
    throw Error(ErrorCode::internal, "rebalance made a plan that breaks its request: " + evaluation.violations.front());
  }
  outcome.objective = evaluation.objective;
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
  const auto start = support::Meter::Clock::now();
  check_request(request, options);
  const ExpertInstance instance = instance_of(request, options.dispatch);
  const Prepared prepared(instance);
  if (!prepared.impossible.empty()) refuse_impossible(prepared, request);
  Bounds bounds = quick_bounds(prepared);
  common::Outcome outcome;
  outcome.seed = options.seed;
  if (options.mode == RebalanceMode::compatible) {
    outcome.method = "eplb";
    return certified(instance, plan_compatibly(request, options.threads), bounds, std::move(outcome));
  }
  outcome.method = "rebalance";
  support::Meter meter(work_limit(prepared, options), options.time_limit_seconds, options.stop, start);
  Planned planned = plan_best(prepared, options, meter, bounds);
  planned.work = meter.work();
  outcome.limit = meter.reason();
  return certified(instance, std::move(planned), bounds, std::move(outcome));
}

}  // namespace plimsoll
