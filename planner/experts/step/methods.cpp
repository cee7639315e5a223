#include <string>

#include "planner/experts/step/method.hpp"
#include "plimsoll/error.hpp"

namespace plimsoll::experts::step {

const std::vector<Method>& methods() {
  static const std::vector<Method> table = {};
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
