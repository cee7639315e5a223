// What a method works with: the common context over plans of a step, every offer judged by the evaluation, and the
// bound that holds before any search.
#pragma once

#include "planner/common/context.hpp"
#include "planner/experts/step/prepare.hpp"

namespace plimsoll::experts::step {

class Context : public common::Context<StepPlan> {
 public:
  Context(const Prepared& prepared, const SolveOptions& options, support::Meter& meter);
};

}  // namespace plimsoll::experts::step
