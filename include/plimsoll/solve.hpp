// The calls that an embedder makes. None of them prints, exits, or starts a thread unless options ask for more than
// one.
#pragma once

#include <string>
#include <vector>

#include "plimsoll/assignment.hpp"
#include "plimsoll/certificate.hpp"
#include "plimsoll/error.hpp"
#include "plimsoll/experts.hpp"
#include "plimsoll/export.h"
#include "plimsoll/options.hpp"
#include "plimsoll/step.hpp"

namespace plimsoll {

struct ExpertSolution {
  Certificate certificate;
  ExpertPlan plan;  // empty where the status is infeasible or unknown
  ExpertMetrics metrics;
  double seconds = 0;  // wall clock; varies from run to run
};

struct StepSolution {
  Certificate certificate;
  StepPlan plan;  // empty where the status is infeasible or unknown
  StepMetrics metrics;
  double seconds = 0;  // wall clock; varies from run to run
};

// What makes the bound checkable without the search that found it; empty vectors where nothing is needed. Documented
// with the plan file (docs/formats.md, "proof").
struct AssignmentProof {
  std::vector<double> item_price;
  Matrix<double> weight;
  double change_price = 0;
  double refuted = 0;
};

struct AssignmentSolution {
  Certificate certificate;
  AssignmentPlan plan;  // empty where the status is infeasible or unknown
  AssignmentMetrics metrics;
  AssignmentProof proof;
  double seconds = 0;  // wall clock; varies from run to run
};

// Throws Error: input (the instance breaks the format), unsupported (the method refuses a constraint), usage. Where
// memory runs out, std::bad_alloc passes through, and the next call works as ever.
PLIMSOLL_API ExpertSolution solve(const ExpertInstance& instance, const SolveOptions& options = {});
PLIMSOLL_API StepSolution solve(const StepInstance& instance, const SolveOptions& options = {});
PLIMSOLL_API AssignmentSolution solve(const AssignmentInstance& instance, const SolveOptions& options = {});

// Every violation of the plan and the certificate's claims, one sentence each; empty means that both hold.
PLIMSOLL_API std::vector<std::string> check(const ExpertInstance& instance, const ExpertPlan& plan,
                                            const Certificate* certificate = nullptr);
PLIMSOLL_API std::vector<std::string> check(const StepInstance& instance, const StepPlan& plan,
                                            const Certificate* certificate = nullptr);
// Without the proof a bound is searched for again, within twice the work that found it.
PLIMSOLL_API std::vector<std::string> check(const AssignmentInstance& instance, const AssignmentPlan& plan,
                                            const Certificate* certificate = nullptr,
                                            const AssignmentProof& proof = {});

// Reads an instance from a JSON file ("-": standard input).
PLIMSOLL_API ExpertInstance read_experts(const std::string& path);
// The same for an instance of `experts` with `microsteps`.
PLIMSOLL_API StepInstance read_step(const std::string& path);
// `format` may also name a text format: gap, rcmax, pcmax (docs/formats.md).
PLIMSOLL_API AssignmentInstance read_assignment(const std::string& path, const std::string& format = "json");

PLIMSOLL_API std::string version();

}  // namespace plimsoll
