// What links have to do with the time of a step, in words: which windows wait for which transfers, and how full each
// kind of link is.
#pragma once

#include <string>
#include <vector>

#include "planner/experts/step/evaluate.hpp"
#include "planner/experts/step/prepare.hpp"
#include "plimsoll/step.hpp"

namespace plimsoll::experts::step {

void explain_waiting(const StepInstance& instance, const StepPlan& plan, const std::vector<Window>& windows,
                     const Evaluation& evaluation, std::string& text);
void explain_links(const StepInstance& instance, const StepPlan& plan, const Evaluation& evaluation, std::string& text);

}  // namespace plimsoll::experts::step
