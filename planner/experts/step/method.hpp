// The methods for steps of many micro-steps. Each stands in a file of its own and has the same form; methods.cpp lists
// them.
#pragma once

#include <string_view>
#include <vector>

#include "planner/experts/step/context.hpp"
#include "planner/experts/step/prepare.hpp"

namespace plimsoll::experts::step {

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

void run_static(const Prepared& prepared, Context& context);
void run_eplb_step(const Prepared& prepared, Context& context);
void run_eplb_step_shares(const Prepared& prepared, Context& context);
void run_eplb_oracle(const Prepared& prepared, Context& context);
void run_foresight(const Prepared& prepared, Context& context);
void run_robust(const Prepared& prepared, Context& context);
void run_milp_glpk(const Prepared& prepared, Context& context);
void run_milp_cbc(const Prepared& prepared, Context& context);
void run_auto(const Prepared& prepared, Context& context);

}  // namespace plimsoll::experts::step
