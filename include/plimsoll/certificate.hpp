// What is known about a plan: how good it is, how good any plan could be, and who says so.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace plimsoll {

enum class Status {
  optimal,     // objective - bound <= 1e-9 * max(1, |objective|)
  feasible,    // a verified plan with an open gap
  infeasible,  // proven: no plan exists
  unknown,     // no plan was found within the limit
};

enum class StoppedBy { optimal, gap, work, time, interrupt, exhausted };

enum class BoundEvidence {
  recomputed,  // `check` derives the bound again from the instance
  backend,     // a solver's word
};

struct Certificate {
  Status status = Status::unknown;
  std::optional<double> objective;  // seconds; recomputed by our own evaluation
  std::optional<double> bound;      // no plan is better than this; rounded outward
  std::optional<double> gap;        // (objective - bound) / max(|objective|, 1e-12)
  std::string bound_method;
  BoundEvidence bound_evidence = BoundEvidence::recomputed;
  std::string method;
  bool verified = false;
  std::uint64_t seed = 1;
  StoppedBy stopped_by = StoppedBy::exhausted;
  std::uint64_t work = 0;
  std::string reason;  // why infeasible or unknown, in the problem's words; else empty
};

}  // namespace plimsoll
