// Instances and plans of any problem as JSON text: what `plimsoll solve` and `plimsoll check` do with files, without
// files. Formats: docs/formats.md.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "plimsoll/assignment.hpp"
#include "plimsoll/experts.hpp"
#include "plimsoll/export.h"
#include "plimsoll/options.hpp"
#include "plimsoll/solve.hpp"
#include "plimsoll/step.hpp"

namespace plimsoll {

// The text of the plan file that `plimsoll solve` writes: its certificate says whether there is a plan. `folder` is
// where .npy files that the instance names are looked for. Throws Error like solve().
PLIMSOLL_API std::string solve_document(std::string_view instance, const SolveOptions& options = {},
                                        const std::string& folder = ".");

// The same text for a solution that solve() made of this instance; `threads` is only noted in it.
PLIMSOLL_API std::string write_plan(const ExpertSolution& solution, std::string_view instance,
                                    const std::string& folder = ".", int threads = 1);
PLIMSOLL_API std::string write_plan(const StepSolution& solution, std::string_view instance,
                                    const std::string& folder = ".", int threads = 1);
PLIMSOLL_API std::string write_plan(const AssignmentSolution& solution, std::string_view instance,
                                    const std::string& folder = ".", int threads = 1);

// Every violation of the plan file and of its certificate's claims, one sentence each; empty means that both hold.
// Throws Error(input) where one of the texts breaks the format or the plan belongs to another instance.
PLIMSOLL_API std::vector<std::string> check_document(std::string_view instance, std::string_view plan,
                                                     const std::string& folder = ".");

// "experts", "step" (experts with micro-steps) or "assignment": which of the calls below reads it.
PLIMSOLL_API std::string kind_of_document(std::string_view instance);
PLIMSOLL_API ExpertInstance parse_experts(std::string_view instance, const std::string& folder = ".");
PLIMSOLL_API StepInstance parse_step(std::string_view instance, const std::string& folder = ".");
PLIMSOLL_API AssignmentInstance parse_assignment(std::string_view instance, const std::string& folder = ".");

// The text of an instance file; keys at their default are left out.
PLIMSOLL_API std::string write_document(const ExpertInstance& instance);
PLIMSOLL_API std::string write_document(const StepInstance& instance);
PLIMSOLL_API std::string write_document(const AssignmentInstance& instance);

}  // namespace plimsoll
