#include <string>

#include "planner/common/backend.hpp"
#include "planner/common/find_method.hpp"
#include "planner/experts/method.hpp"
#include "planner/experts/milp.hpp"
#include "plimsoll/error.hpp"
#include "solvers/mip/solver.hpp"

namespace plimsoll::experts {
const std::vector<Method>& methods() {
  static const std::vector<Method> table = {
      {"auto", "everything", "local search and exact search in turns, sharing plans and bounds", run_auto},
      {"local", "everything", "local search from a constructed plan, or from the placement under move budgets",
       run_local},
      {"branch", "even dispatch; weighted without tables on at most 10 devices",
       "exact search alone: branch and bound on layers, a tree over what they share", run_branch},
      {"milp-glpk", "everything, some thousand variables", common::help_of_milp(solvers::mip::Backend::glpk),
       run_milp_glpk},
      {"milp-cbc", "everything, some thousand variables", common::help_of_milp(solvers::mip::Backend::cbc),
       run_milp_cbc},
      {"shares", "a placement; tables without proof", "keeps the placement, re-solves only the token shares exactly",
       run_shares},
      {"wrap", "weighted dispatch, no move limits", "fills devices to the mean, an expert goes on where the line falls",
       run_wrap},
      {"lpt", "no move limits", "replicates the largest, then longest processing time first", run_lpt},
      {"eplb", "equal slots, no dead devices, no move limits", "the published DeepSeek algorithm, even shares",
       run_eplb},
  };
  return table;
}

const Method& find_method(std::string_view name) { return common::find_method(methods(), name, "experts"); }

void refuse_move_limits(const Prepared& prepared, std::string_view method) {
  const auto& limits = prepared.instance.limits;
  if (!limits.max_moves && !limits.max_moves_per_device) return;
  throw Error(ErrorCode::unsupported, "method " + std::string(method) + " plans afresh and cannot keep a move limit",
              limits.max_moves ? "/limits/max_moves" : "/limits/max_moves_per_device", "Maybe use local or auto.");
}

void offer_or_refuse(Context& context, ExpertPlan plan, std::string_view method) {
  context.offer(std::move(plan));
  if (context.last_violation().empty()) return;
  throw Error(ErrorCode::unsupported,
              "the plan of method " + std::string(method) + " breaks this instance: " + context.last_violation(), {},
              "Maybe use local or auto.");
}

}  // namespace plimsoll::experts
