// What every problem says about a solved instance in the same words.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "planner/common/problem.hpp"

namespace plimsoll::common {

// printf for one number.
std::string shown(const char* format, double value);

// Objective, bound and gap as lines of the summary; `unit` follows the numbers where it is not empty.
void add_certificate_lines(const Certificate& certificate, std::string_view unit, SolvedPlan& solved);

// Adds a sentence to `found` where a metric claims something else than the plan gives.
void compare_metric(std::string_view key, const std::optional<double>& claim, double expected,
                    std::vector<std::string>& found);

}  // namespace plimsoll::common
