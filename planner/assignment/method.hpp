// The methods of `assignment`. Each stands in a file of its own and has the same form; methods.cpp lists them.
#pragma once

#include <string_view>
#include <vector>

#include "planner/assignment/context.hpp"
#include "planner/assignment/prepare.hpp"

namespace plimsoll::assignment {

struct Method {
  std::string_view name;
  std::string_view supports;
  std::string_view help;
  // Offers plans to the context until it says stop or nothing is left to try. Throws Error(unsupported) for an instance
  // with a constraint that the method cannot honour.
  void (*run)(const Prepared& prepared, Context& context);
};

const std::vector<Method>& methods();
// Throws Error(usage) that lists the known names.
const Method& find_method(std::string_view name);

void run_lpt(const Prepared& prepared, Context& context);
void run_rounding(const Prepared& prepared, Context& context);
void run_local(const Prepared& prepared, Context& context);
void run_columns(const Prepared& prepared, Context& context);
void run_linear(const Prepared& prepared, Context& context);
void run_lagrangian(const Prepared& prepared, Context& context);
void run_branch(const Prepared& prepared, Context& context);
void run_greedy(const Prepared& prepared, Context& context);
void run_neighbourhood(const Prepared& prepared, Context& context);
void run_tabu(const Prepared& prepared, Context& context);
void run_packing(const Prepared& prepared, Context& context);
void run_differencing(const Prepared& prepared, Context& context);
void run_milp_glpk(const Prepared& prepared, Context& context);
void run_milp_cbc(const Prepared& prepared, Context& context);
void run_auto(const Prepared& prepared, Context& context);

// Throws Error(unsupported) where the objective is makespan.
void refuse_makespan(const Prepared& prepared, std::string_view method);

}  // namespace plimsoll::assignment
