// Numbers that speak of many runs: means, the sign test, performance profiles. Pure functions of plain numbers.
#pragma once

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

namespace plimsoll::compare {

// Nothing where there are no values.
std::optional<double> mean(const std::vector<double>& values);
// exp(mean(log(value + shift))) - shift.
std::optional<double> shifted_geometric_mean(const std::vector<double>& values, double shift);

// The chance that a fair coin falls at least this unevenly: two-sided exact sign test; 1 where nothing differs.
double sign_test(std::size_t better, std::size_t worse);

using Curve = std::vector<std::pair<double, double>>;

// Performance profiles (Dolan and More 2002): for each method the share of problems on which its value is at most tau
// times the smallest of all methods, as a step curve over tau from 1 on. values[method][problem]; nothing where the
// method did not solve the problem; values below `floor` count as `floor`. Problems that nobody solved count in the
// share's denominator.
std::vector<Curve> performance_profiles(const std::vector<std::vector<std::optional<double>>>& values, double floor);

// The number of values of at most t, as a step curve over t; empty where there are none.
Curve counted_until(std::vector<double> values);

// The mean of step curves, each of which holds its last value for ever; all begin at 0.
Curve mean_of_steps(const std::vector<Curve>& curves);

}  // namespace plimsoll::compare
