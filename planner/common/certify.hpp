// The only maker of certificates, and the judge of their inner consistency.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "plimsoll/certificate.hpp"

namespace plimsoll::common {

// What a solve knows when it ends.
struct Outcome {
  std::optional<double> objective;  // of a plan that the evaluation found feasible
  std::optional<double> bound;
  std::string bound_method;
  BoundEvidence bound_evidence = BoundEvidence::recomputed;
  std::string impossible;          // a proof that no plan exists, in words
  std::string reason;              // why no plan was found, in words
  std::optional<StoppedBy> limit;  // the limit that was hit, if one was
  double gap_wanted = 0;
  std::string method;
  std::uint64_t seed = 1;
  std::uint64_t work = 0;
};

// (objective - bound) / max(|objective|, 1e-12), at least 0.
double gap_of(double objective, double bound);
bool is_optimal(double objective, double bound);

// Throws Error(internal) where the bound exceeds the objective by more than rounding: a bug to report, never a result.
Certificate certify(const Outcome& outcome);

// Claims of a certificate that contradict each other or what was recomputed; empty where they hold.
std::vector<std::string> contradictions(const Certificate& certificate, std::optional<double> objective,
                                        std::optional<double> bound);

}  // namespace plimsoll::common
