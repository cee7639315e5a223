// A plan as one page of HTML for people: how good it is, and what devices have to do in each layer, before and after.
#pragma once

#include <string>

#include "planner/common/problem.hpp"
#include "plimsoll/certificate.hpp"
#include "plimsoll/experts.hpp"

namespace plimsoll::experts {

// The plan is evaluated anew; of the certificate only the bound, the method and the like are taken as claimed. The page
// shows violations where there are any. `identity` is what the page says about the instance, a hash or nothing.
common::PlanReport report(const ExpertInstance& instance, const ExpertPlan& plan, const Certificate& certificate,
                          const std::string& identity);

// What the page calls "before": the placement that stands, or else every expert once, in order, over the live devices;
// an expert's tokens in equal parts.
ExpertPlan plan_before(const ExpertInstance& instance);

}  // namespace plimsoll::experts
