// The methods of `experts`. Each stands in a file of its own and has the same form; methods.cpp lists them.
#pragma once

#include <string_view>
#include <vector>

#include "planner/experts/context.hpp"
#include "planner/experts/prepare.hpp"

namespace plimsoll::experts {

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

void run_eplb(const Prepared& prepared, Context& context);
void run_lpt(const Prepared& prepared, Context& context);
void run_wrap(const Prepared& prepared, Context& context);
void run_shares(const Prepared& prepared, Context& context);
void run_local(const Prepared& prepared, Context& context);
void run_branch(const Prepared& prepared, Context& context);
void run_auto(const Prepared& prepared, Context& context);

// Refuses by name what a method that plans afresh and offers one plan cannot promise.
void refuse_move_limits(const Prepared& prepared, std::string_view method);
// Offers a plan of a baseline; Error(unsupported) with the first violation where the instance's constraints rule it
// out.
void offer_or_refuse(Context& context, ExpertPlan plan, std::string_view method);

}  // namespace plimsoll::experts
