#include <string>

#include "planner/assignment/method.hpp"
#include "planner/common/backend.hpp"
#include "planner/common/find_method.hpp"
#include "plimsoll/error.hpp"

namespace plimsoll::assignment {

const std::vector<Method>& methods() {
  using solvers::mip::Backend;
  static const std::vector<Method> table = {
      {"auto", "everything", "the workers that serve the instance best in turns, sharing plans and bounds", run_auto},
      {"local", "makespan", "tabu search and dives by prices at targets below the best plan, with bounds", run_local},
      {"rounding", "makespan", "the linear relaxation rounded and polished", run_rounding},
      {"lpt", "makespan; refuses where its plan breaks a limit", "longest processing time first", run_lpt},
      {"lagrangian", "least cost", "item prices by a subgradient method, exact knapsacks, repaired plans",
       run_lagrangian},
      {"columns", "least cost; needs Clp", "column generation, stabilised by a box around the best prices",
       run_columns},
      {"linear", "least cost; needs Clp", "the linear relaxation's prices, and a plan repaired from them", run_linear},
      {"branch", "everything", "exact search alone: branch and bound on prices with variable fixing", run_branch},
      {"neighbourhood", "least cost", "large neighbourhood search: a few bins at a time are solved afresh",
       run_neighbourhood},
      {"tabu", "least cost", "tabu search between feasible and infeasible plans, with ejections and path relinking",
       run_tabu},
      {"greedy", "least cost", "constructions by regret, then shifts and swaps", run_greedy},
      {"packing", "makespan on identical bins, nothing limited",
       "exact: heights from the bound up, decided by patterns", run_packing},
      {"differencing", "makespan on identical bins, nothing limited",
       "first packings, then some bins packed anew at a time", run_differencing},
      {"milp-glpk", "everything, some thousand variables", common::help_of_milp(Backend::glpk), run_milp_glpk},
      {"milp-cbc", "everything, some thousand variables", common::help_of_milp(Backend::cbc), run_milp_cbc},
  };
  return table;
}

const Method& find_method(std::string_view name) { return common::find_method(methods(), name, "assignment"); }

}  // namespace plimsoll::assignment
