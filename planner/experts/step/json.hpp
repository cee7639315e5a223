// The file format of steps: docs/formats.md, "Micro-steps".
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "planner/common/problem.hpp"
#include "plimsoll/solve.hpp"

namespace plimsoll::experts::step {

// The document has the key `microsteps`.
bool is_step(const common::Document& document);
StepInstance read_instance(const common::Document& document);
// The text of an instance file.
std::string write_instance(const StepInstance& instance);

StepPlan read_plan(const support::Json& plan_file, const StepInstance& instance);
std::string write_plan_object(const StepPlan& plan, const StepInstance& instance);
// An object on one line, inside an array of transfers.
void write_transfer(support::Writer& writer, const Transfer& transfer);
std::string write_metrics(const StepMetrics& metrics);
// What goes into the plan file; without the lines for people.
common::SolvedPlan write_solution(const StepSolution& solution, const StepInstance& instance);

struct ClaimedMetric {
  std::string_view key;
  std::optional<double> claimed;  // by the plan file
  double computed = 0;
};
// The "metrics" of a plan file beside what they should be; null and missing keys are allowed.
std::vector<ClaimedMetric> read_metrics(const support::Json& plan_file, const StepMetrics& metrics);

}  // namespace plimsoll::experts::step
