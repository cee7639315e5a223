#include "planner/experts/step/report/report.hpp"

#include <utility>

#include "planner/common/report.hpp"
#include "planner/experts/step/bound.hpp"

namespace plimsoll::experts::step {

common::PlanReport report(const StepInstance& instance, const StepPlan& plan, const Certificate& certificate,
                          const std::string& identity) {
  const Prepared prepared(instance);
  Evaluation after = evaluate(instance, plan);
  common::PlanReport made;
  made.violations = after.violations;
  // With broken rows there is no time to draw.
  if (after.window_start.size() != prepared.windows.size()) {
    made.html = common::page_of_faults(instance.experts.name, certificate, identity, after.violations);
    return made;
  }
  const Story story{prepared,
                    plan,
                    certificate,
                    std::move(after),
                    evaluate(instance, base_alone(prepared, plan)),
                    quick_bounds(prepared).seconds,
                    ideal_seconds(prepared)};
  made.html = page_of(story, identity);
  return made;
}

}  // namespace plimsoll::experts::step
