// Instances and plans of `experts` as JSON (docs/formats.md).
#pragma once

#include <optional>
#include <string>

#include "planner/common/problem.hpp"
#include "plimsoll/experts.hpp"
#include "plimsoll/solve.hpp"

namespace plimsoll::experts {

// Throws Error(input) for everything the format forbids, with the JSON pointer of the place.
ExpertInstance read_instance(const common::Document& document);

// The file text of an instance; keys at their default are left out.
std::string write_instance(const ExpertInstance& instance);

// The "plan" object of a plan file.
std::string write_plan_object(const ExpertPlan& plan);
std::string write_metrics(const ExpertMetrics& metrics);
// What goes into the plan file; without the lines for people.
common::SolvedPlan write_solution(const ExpertSolution& solution);

// What the "metrics" of a plan file say; null and missing keys are allowed.
struct ClaimedMetrics {
  std::optional<double> imbalance;
  std::optional<double> worst_imbalance;
  std::optional<double> moves;
  std::optional<double> moved_bytes;
};
ClaimedMetrics read_metrics(const support::Json& plan_file);

// Reads the "plan" member of a whole plan file. Only the format and the shapes are judged here, those of the metrics
// included; whether the plan is any good is for evaluate.hpp.
ExpertPlan read_plan(const support::Json& plan_file, const ExpertInstance& instance);

}  // namespace plimsoll::experts
