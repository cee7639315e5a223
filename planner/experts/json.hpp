// Instances and plans of `experts` as JSON (docs/formats.md).
#pragma once

#include <string>

#include "planner/common/problem.hpp"
#include "plimsoll/experts.hpp"

namespace plimsoll::experts {

// Throws Error(input) for everything the format forbids, with the JSON pointer of the place.
ExpertInstance read_instance(const common::Document& document);

// The file text of an instance; keys at their default are left out.
std::string write_instance(const ExpertInstance& instance);

// The "plan" object of a plan file.
std::string write_plan_object(const ExpertPlan& plan);
std::string write_metrics(const ExpertMetrics& metrics);

// Reads the "plan" member of a whole plan file. Only the format and the shapes are judged here; whether the plan is any
// good is for evaluate.hpp.
ExpertPlan read_plan(const support::Json& plan_file, const ExpertInstance& instance);

}  // namespace plimsoll::experts
