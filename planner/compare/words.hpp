// How numbers and settings of a comparison are spelled in its tables and sentences.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "planner/compare/comparison.hpp"

namespace plimsoll::compare {

inline constexpr const char* nothing = "-";

// Nine significant digits.
std::string objective_text(const std::optional<double>& value);
// In hundredths, four digits behind the point: 0.000123 is "0.0123"; "<0.0001" where only a trace is left.
std::string percent_text(const std::optional<double>& ratio);
std::string seconds_text(const std::optional<double>& seconds);
// "12 of 16"
std::string part_of(std::size_t part, std::size_t whole);
// "1 run", "2 runs"
std::string counted(std::size_t count, const std::string& what);

// What was run where and how: name and value, for the head of a report.
std::vector<std::pair<std::string, std::string>> conditions(const Comparison& comparison);

// Different machines, in order of first use.
std::vector<std::string> machines(const Comparison& comparison);
// The most runs that stood beside each other.
int most_jobs(const Comparison& comparison);

}  // namespace plimsoll::compare
