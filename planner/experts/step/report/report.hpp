// A plan of a step as one page of HTML for people: how good it is, what devices do, when links carry what, where
// waiting comes from.
#pragma once

#include <string>

#include "planner/common/problem.hpp"
#include "planner/experts/step/report/story.hpp"

namespace plimsoll::experts::step {

// The plan is evaluated anew; of the certificate only the bound, the method and the like are taken as claimed. The page
// shows violations where there are any. `identity` is what the page says about the instance, a hash or nothing.
common::PlanReport report(const StepInstance& instance, const StepPlan& plan, const Certificate& certificate,
                          const std::string& identity);

// The page of what was evaluated already.
std::string page_of(const Story& story, const std::string& identity);

}  // namespace plimsoll::experts::step
