// Tables and charts of a rolling comparison.
#pragma once

#include <string>
#include <vector>

#include "planner/compare/rolling/rolling.hpp"
#include "support/chart.hpp"
#include "support/table.hpp"

namespace plimsoll::compare {

// One row per entry.
support::Table rolling_table(const RollingInstance& instance);
// Imbalance of each entry, one row per micro-step.
support::Table microstep_table(const RollingInstance& instance);

struct RollingFigure {
  support::Chart chart;
  std::string caption;
};
// Imbalance against moves; imbalance over micro-steps; moves so far.
std::vector<RollingFigure> rolling_figures(const RollingInstance& instance);

// What was done how, name and value.
std::vector<std::pair<std::string, std::string>> conditions(const RollingComparison& comparison);

}  // namespace plimsoll::compare
