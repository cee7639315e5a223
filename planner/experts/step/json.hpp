// The file format of steps: docs/formats.md, "Micro-steps".
#pragma once

#include <string>

#include "planner/common/problem.hpp"
#include "plimsoll/step.hpp"

namespace plimsoll::experts::step {

// The document has the key `microsteps`.
bool is_step(const common::Document& document);
StepInstance read_instance(const common::Document& document);
// The text of an instance file.
std::string write_instance(const StepInstance& instance);

StepPlan read_plan(const support::Json& plan_file, const StepInstance& instance);
std::string write_plan_object(const StepPlan& plan, const StepInstance& instance);
std::string write_metrics(const StepMetrics& metrics);

}  // namespace plimsoll::experts::step
