// The charts of a report.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "planner/compare/report.hpp"
#include "support/chart.hpp"

namespace plimsoll::compare {

struct Figure {
  support::Chart chart;
  std::string caption;
};

// Gaps below this are the same in a performance profile: 0.01 %.
inline constexpr double profile_gap_floor = 1e-4;
// Times below this are the same: a millisecond.
inline constexpr double profile_seconds_floor = 1e-3;
// Smaller gaps are drawn as 0: 0.0001 %.
inline constexpr double smallest_drawn_gap = 1e-6;

// Gaps over time, performance profiles over gap and over time, proofs over time; those about proofs only where there
// are any.
std::vector<Figure> figures(const Report& report);

// The primal gap of each method on one instance over time, first seed.
Figure instance_figure(const Report& report, std::size_t instance);

}  // namespace plimsoll::compare
