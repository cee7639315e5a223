// Instances and plans of `assignment` as JSON (docs/formats.md).
#pragma once

#include <optional>
#include <string>

#include "planner/assignment/bound.hpp"
#include "planner/common/problem.hpp"
#include "plimsoll/assignment.hpp"
#include "plimsoll/solve.hpp"

namespace plimsoll::assignment {

// Limits that keep every sum finite and every table in memory (docs/formats.md); the readers of text formats keep them
// too.
inline constexpr std::int64_t most_bins = 1'000'000;
inline constexpr std::int64_t most_items = 1'000'000;
inline constexpr std::int64_t most_cells = 50'000'000;
inline constexpr double most_amount = 1e15;  // a cost, a size, a capacity, a price
inline constexpr double least_speed = 1e-15;

// Throws Error(input) for everything the format forbids, with the JSON pointer of the place.
AssignmentInstance read_instance(const common::Document& document);

// The file text of an instance; keys at their default are left out.
std::string write_instance(const AssignmentInstance& instance);

// The "plan" object of a plan file, its metrics, and its proof (empty where the bound needs none).
std::string write_plan_object(const AssignmentPlan& plan);
std::string write_metrics(const AssignmentInstance& instance, const AssignmentMetrics& metrics);
std::string write_proof(const Proof& proof);
// What goes into the plan file; without the lines for people.
common::SolvedPlan write_solution(const AssignmentSolution& solution, const AssignmentInstance& instance);

// What the "metrics" of a plan file say; null and missing keys are allowed.
struct ClaimedMetrics {
  std::optional<double> cost;
  std::optional<double> makespan;
  std::optional<double> mean_load;
  std::optional<double> fullest;
  std::optional<double> changes;
};
ClaimedMetrics read_metrics(const support::Json& plan_file);

// Reads the "plan" member of a whole plan file. Only the format and the shapes are judged here, those of the metrics
// included; whether the plan is any good is for evaluate.hpp.
AssignmentPlan read_plan(const support::Json& plan_file, const AssignmentInstance& instance);
// The "proof" member, empty vectors where there is none. Shapes are judged against the kernel.
Proof read_proof(const support::Json& plan_file, const Prepared& prepared);

}  // namespace plimsoll::assignment
