#include "planner/common/integer_program.hpp"

#include "planner/common/problem.hpp"
#include "plimsoll/error.hpp"

namespace plimsoll::common {

std::unique_ptr<IntegerProgram> LoadedInstance::integer_program(std::optional<double>) const {
  throw Error(ErrorCode::unsupported, "this problem has no integer program");
}

}  // namespace plimsoll::common
