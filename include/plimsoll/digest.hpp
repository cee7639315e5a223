// What ranks compare to know that they made the same plan: SHA-256 over the plan's numbers, written out byte by byte
// (little-endian), so that it depends on neither machine nor compiler. 64 lower-case hexadecimal digits.
#pragma once

#include <string>

#include "plimsoll/assignment.hpp"
#include "plimsoll/experts.hpp"
#include "plimsoll/export.h"
#include "plimsoll/step.hpp"

namespace plimsoll {

PLIMSOLL_API std::string digest(const ExpertPlan& plan);
PLIMSOLL_API std::string digest(const StepPlan& plan);
PLIMSOLL_API std::string digest(const AssignmentPlan& plan);

}  // namespace plimsoll
