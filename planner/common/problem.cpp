#include "planner/common/problem.hpp"

#include "planner/common/rolling.hpp"
#include "plimsoll/error.hpp"

namespace plimsoll::common {

std::unique_ptr<IntegerProgram> LoadedInstance::integer_program(std::optional<double>) const {
  throw Error(ErrorCode::unsupported, "this problem has no integer program");
}

PlanReport LoadedInstance::report(const support::Json&, const Certificate&) const {
  throw Error(ErrorCode::unsupported, "there is no report for plans of this problem", {},
              "Maybe see 'plimsoll explain'.");
}

std::unique_ptr<LineStream> LoadedInstance::line_stream(const LineStreamOptions&) const {
  throw Error(ErrorCode::unsupported, "nothing follows this instance that could be planned line by line", {},
              "Maybe an instance of experts with the key 'microsteps' was meant.");
}

std::unique_ptr<RollingPlanner> LoadedInstance::rolling() const {
  throw Error(ErrorCode::unsupported, "only instances with micro-steps can be planned again and again", {},
              "Maybe leave out --rolling.");
}

}  // namespace plimsoll::common
