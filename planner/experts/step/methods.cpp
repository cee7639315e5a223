#include "planner/common/backend.hpp"
#include "planner/common/find_method.hpp"
#include "planner/experts/step/method.hpp"
#include "plimsoll/error.hpp"

namespace plimsoll::experts::step {

const std::vector<Method>& methods() {
  static const std::vector<Method> table = {
      {"auto", "micro-steps: everything", "foresight, then the integer program where the step is small", run_auto},
      {"foresight", "micro-steps: everything",
       "base replicas for all micro-steps, transient ones where they pay and arrive in time, shares by flow",
       run_foresight},
      {"robust", "micro-steps of the past: everything",
       "base replicas alone, for loads like these: mean and deviation of the largest device time", run_robust},
      {"eplb-step-shares", "micro-steps: weighted dispatch, equal slots, no dead devices, no move limits",
       "EPLB on the step's sum with all slots, shares re-solved in each micro-step", run_eplb_step_shares},
      {"eplb-step", "micro-steps: equal slots, no dead devices, no move limits",
       "EPLB on the step's sum with all slots, even shares", run_eplb_step},
      {"eplb-oracle", "micro-steps: equal slots, no dead devices, no move limits",
       "EPLB anew in each micro-step for the transient slots, its transfers charged", run_eplb_oracle},
      {"milp-glpk", "micro-steps: everything but communication", common::help_of_milp(solvers::mip::Backend::glpk),
       run_milp_glpk},
      {"milp-cbc", "micro-steps: everything but communication", common::help_of_milp(solvers::mip::Backend::cbc),
       run_milp_cbc},
      {"static", "micro-steps: under move limits the placement alone",
       "the placement, or experts in order, even shares", run_static},
  };
  return table;
}

const Method& find_method(std::string_view name) {
  return common::find_method(methods(), name, "experts with micro-steps");
}

}  // namespace plimsoll::experts::step
