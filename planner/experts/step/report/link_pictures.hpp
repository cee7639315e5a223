// Pictures of transfers over time: all links of the whole step, and the worst part of it enlarged.
#pragma once

#include <string>
#include <vector>

#include "planner/experts/step/report/link_use.hpp"
#include "planner/experts/step/report/waiting.hpp"

namespace plimsoll::experts::step {

// Each a figure of HTML; empty without transfers.
std::string picture_of_links(const Story& story, const std::vector<LinkUse>& uses);
std::string picture_of_worst_part(const Story& story, const std::vector<LinkUse>& uses,
                                  const std::vector<Waiting>& waitings);

}  // namespace plimsoll::experts::step
