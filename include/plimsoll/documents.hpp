// Instances and plans of any problem as JSON text: what `plimsoll solve` and `plimsoll check` do with files, without
// files. Formats: docs/formats.md.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "plimsoll/assignment.hpp"
#include "plimsoll/certificate.hpp"
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

// The parts of a plan file.
struct PlanDocument {
  Certificate certificate;
  // The last where the certificate says that there is no plan.
  std::variant<ExpertPlan, StepPlan, AssignmentPlan, std::monostate> plan = std::monostate{};
  std::vector<std::pair<std::string, double>> metrics;  // those that are numbers, as the file claims them
};

// An instance that was read once and is solved and checked often. Its const calls may run on many threads at once; .npy
// files are read when it is made, never again.
class PLIMSOLL_API InstanceDocument {
 public:
  using Instance = std::variant<ExpertInstance, StepInstance, AssignmentInstance>;

  // Throws Error(input) where the text is no instance.
  explicit InstanceDocument(std::string_view text, const std::string& folder = ".");
  InstanceDocument(InstanceDocument&&) noexcept;
  InstanceDocument& operator=(InstanceDocument&&) noexcept;
  ~InstanceDocument();

  [[nodiscard]] const std::string& text() const;
  [[nodiscard]] const Instance& instance() const;
  // As solve_document() and check_document().
  [[nodiscard]] std::string solve(const SolveOptions& options = {}) const;
  [[nodiscard]] std::vector<std::string> check(std::string_view plan) const;
  // Only the format is judged, and that the plan was made for this instance. Throws Error(input).
  [[nodiscard]] PlanDocument read_plan(std::string_view plan) const;

 private:
  struct Parts;
  std::unique_ptr<const Parts> parts_;
};

}  // namespace plimsoll
