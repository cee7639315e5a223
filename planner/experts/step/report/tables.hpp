// The tables of a step's page.
#pragma once

#include <vector>

#include "planner/experts/step/report/link_use.hpp"
#include "planner/experts/step/report/waiting.hpp"
#include "support/table.hpp"

namespace plimsoll::experts::step {

support::Table table_of_microsteps(const Story& story);
support::Table table_of_links(const Story& story, std::vector<LinkUse> uses);
support::Table table_of_causes(const Story& story, const std::vector<Waiting>& waitings);
support::Table table_of_waitings(const Story& story, const std::vector<Waiting>& waitings);

}  // namespace plimsoll::experts::step
