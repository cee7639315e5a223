#include "planner/common/problem.hpp"

#include "planner/common/integer_program.hpp"
#include "plimsoll/error.hpp"

namespace plimsoll::common {

std::unique_ptr<IntegerProgram> LoadedInstance::integer_program(std::optional<double>) const {
  throw Error(ErrorCode::unsupported, "this problem has no integer program");
}

PlanReport LoadedInstance::report(const support::Json&, const Certificate&) const {
  throw Error(ErrorCode::unsupported, "there is no report for plans of this problem", {},
              "Maybe see 'plimsoll explain'.");
}

}  // namespace plimsoll::common
