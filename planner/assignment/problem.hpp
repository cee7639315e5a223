// The entry of `assignment` in the registry.
#pragma once

#include "planner/common/problem.hpp"

namespace plimsoll::assignment {

common::ProblemKind problem_kind();

}  // namespace plimsoll::assignment
