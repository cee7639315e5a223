// What a person reads after a solve: aligned name-value lines and a bar per device.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "planner/common/problem.hpp"

namespace plimsoll::cli {

// Two columns, one line per pair.
std::string aligned(const std::vector<std::pair<std::string, std::string>>& pairs);

// Horizontal bars from zero to the largest value, under a line that names the unit. With too many to read, the largest
// and the smallest are shown.
std::string bar_chart(const std::vector<common::SolvedPlan::Bar>& bars, const std::string& unit, std::size_t width,
                      bool utf8);

}  // namespace plimsoll::cli
