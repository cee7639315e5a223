// The entry of `experts` in the registry.
#pragma once

#include "planner/common/problem.hpp"

namespace plimsoll::experts {

common::ProblemKind problem_kind();

}  // namespace plimsoll::experts
