#include <string>

#include "planner/experts/step/method.hpp"
#include "plimsoll/error.hpp"

namespace plimsoll::experts::step {

const std::vector<Method>& methods() {
  static const std::vector<Method> table = {
      {"eplb-oracle", "micro-steps; equal slots, no move limits",
       "EPLB anew for every micro-step, from its own loads; transfers are charged", run_eplb_oracle},
      {"eplb-step-shares", "micro-steps; equal slots, no move limits",
       "EPLB of the step's sum, shares solved anew for every micro-step", run_eplb_step_shares},
      {"eplb-step", "micro-steps; equal slots, no move limits", "EPLB of the step's sum, even shares", run_eplb_step},
      {"static", "micro-steps; everything", "keeps the placement, or experts in order, for the whole step", run_static},
  };
  return table;
}

const Method& find_method(std::string_view name) {
  std::string known;
  for (const Method& method : methods()) {
    if (method.name == name) return method;
    known += (known.empty() ? "" : ", ") + std::string(method.name);
  }
  throw Error(ErrorCode::usage, "experts with micro-steps has no method '" + std::string(name) + "'", {},
              "Maybe one of " + known + ".");
}

}  // namespace plimsoll::experts::step
