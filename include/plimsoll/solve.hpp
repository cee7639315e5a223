// The calls that an embedder makes. None of them prints, exits, or starts a thread unless options ask for more than
// one.
#pragma once

#include <string>
#include <vector>

#include "plimsoll/certificate.hpp"
#include "plimsoll/error.hpp"
#include "plimsoll/experts.hpp"
#include "plimsoll/options.hpp"

namespace plimsoll {

struct ExpertSolution {
  Certificate certificate;
  ExpertPlan plan;  // empty where the status is infeasible or unknown
  ExpertMetrics metrics;
  double seconds = 0;  // wall clock; varies from run to run
};

// Throws Error: input (the instance breaks the format), unsupported (the method refuses a constraint), usage.
ExpertSolution solve(const ExpertInstance& instance, const SolveOptions& options = {});

// Every violation of the plan and the certificate's claims, one sentence each; empty means that both hold.
std::vector<std::string> check(const ExpertInstance& instance, const ExpertPlan& plan,
                               const Certificate* certificate = nullptr);

// Reads an instance from a JSON file ("-": standard input).
ExpertInstance read_experts(const std::string& path);

std::string version();

}  // namespace plimsoll
