// What a reader should know first: who has the best plans, what was proven, who refused, and what makes the numbers
// less sure than they look. Plain sentences.
#pragma once

#include <string>
#include <vector>

#include "planner/compare/report.hpp"

namespace plimsoll::compare {

std::vector<std::string> findings(const Report& report);
// What to keep in mind when reading the numbers.
std::vector<std::string> reservations(const Report& report);

}  // namespace plimsoll::compare
