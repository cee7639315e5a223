// A plan for people: what each bin holds, what binds, and what more of it would be worth.
#pragma once

#include <string>

#include "plimsoll/assignment.hpp"

namespace plimsoll::assignment {

std::string explain(const AssignmentInstance& instance, const AssignmentPlan& plan);

}  // namespace plimsoll::assignment
