// Solving a model with a backend. A backend's word is not passed on: every point is rounded and evaluated by us, the
// objective is ours, a point that fails is no solution, and a bound above a verified objective is thrown away.
//
// Safe from many threads at once. CBC solves one after the other inside a process (two at once prove wrong optima); the
// wait counts against the time limit. GLPK runs on a thread of its own for each solve, because freeing its environment
// would destroy the host's GLPK models; callbacks then come from that thread while the caller waits.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "plimsoll/certificate.hpp"
#include "solvers/mip/model.hpp"

namespace plimsoll::solvers::mip {

enum class Backend { glpk, cbc };

enum class Status {
  optimal,     // objective - bound <= 1e-9 * max(1, |objective|)
  feasible,    // a verified point with an open gap
  infeasible,  // the backend proved that there is no point
  unbounded,   // the relaxation is: there is no optimum, or no point at all
  unknown,     // no point was found, none was excluded
};

struct Incumbent {
  std::span<const double> point;  // verified; lives until the callback returns
  double objective;
  double bound;  // -infinity where none is known yet
};

struct Options {
  std::optional<double> time_limit_seconds;  // wall clock from the call on
  std::optional<std::int64_t> node_limit;    // of branch and bound: the limit that stops at the same place twice
  double gap = 0;                            // stop once (objective - bound) / max(|objective|, 1e-12) is at most this
  std::vector<double> start;  // [variables] or empty; one that breaks the model is left out (Result::start_used)
  // Called for every better verified point. What it throws ends the solve and reaches the caller of solve().
  std::function<void(const Incumbent&)> incumbent;
  // Called whenever the proven bound has risen.
  std::function<void(double bound)> bound_raised;
  // Called with solutions of relaxations; returns a point to try, or nothing. It may be wrong: it is verified first.
  std::function<std::vector<double>(std::span<const double> relaxation)> heuristic;
  const std::atomic<bool>* stop = nullptr;  // set it from anywhere: the best point so far is returned
  std::uint64_t seed = 1;                   // GLPK draws no random numbers
  int threads = 1;                          // more are refused: CBC's answer would depend on the race
};

struct Result {
  Status status = Status::unknown;
  std::vector<double> point;                    // [variables] where the status is optimal or feasible, else empty
  double objective = infinity;                  // of the point, computed by evaluate()
  double bound = -infinity;                     // no point is better: the backend's word, never above the objective
  StoppedBy stopped_by = StoppedBy::exhausted;  // `work`: the node limit; `exhausted`: the backend gave up (reason)
  std::string reason;                           // a sentence where something went wrong, else empty
  bool start_used = false;
  std::int64_t nodes = 0;
  double seconds = 0;  // wall clock
};

// The backends of this build, in the order glpk, cbc.
std::vector<Backend> backends();
bool available(Backend backend);
std::string name(Backend backend);  // "glpk", "cbc"
// Throws Error(usage) for a name that is neither.
Backend backend_named(std::string_view name);

// Throws Error: usage (options that make no sense), unsupported (a backend that this build lacks, more than one
// thread), internal (a backend broke down).
Result solve(const Model& model, Backend backend, const Options& options = {});

}  // namespace plimsoll::solvers::mip
