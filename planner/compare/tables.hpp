// The tables of a report.
#pragma once

#include <cstddef>
#include <vector>

#include "planner/compare/report.hpp"
#include "support/table.hpp"

namespace plimsoll::compare {

using support::Table;

// One row per method; `summary` is over all instances or over the common ones.
Table summary_table(const Report& report, const std::vector<MethodSummary>& summary);
// One row per instance, one column per method: the gap to the best bound.
Table overview_table(const Report& report);
// One row per method: everything about one instance.
Table instance_table(const Report& report, std::size_t instance);
// Each method against each other: better / equal / worse.
Table duel_table(const Report& report);

}  // namespace plimsoll::compare
