// What a comparison is: every method on every instance with every seed, and what came of each run. Plain data; the
// other files of this folder measure it, summarise it, look for contradictions in it and write it down.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "planner/compare/reference.hpp"

namespace plimsoll::compare {

enum class RunStatus {
  optimal,
  feasible,
  infeasible,
  unknown,  // no plan within the limit
  refused,  // the method does not support the instance
  failed,   // crashed, killed, or wrote nothing that can be read
};

struct TracePoint {
  double seconds = 0;
  std::uint64_t work = 0;
  std::optional<double> objective;
  std::optional<double> bound;
};

struct Run {
  RunStatus status = RunStatus::failed;
  std::optional<double> objective;
  std::optional<double> bound;
  std::string bound_method;
  std::string bound_evidence;
  std::string stopped_by;
  double seconds = 0;      // as the solve says; of a failed run, as seen from outside
  double cpu_seconds = 0;  // of the whole process
  std::uint64_t work = 0;
  bool verified = false;                // plan and certificate hold, says the checker
  std::vector<std::string> violations;  // what the checker says against them
  std::string reason;                   // why refused, failed, infeasible or unknown
  std::vector<TracePoint> trace;
  // Of the measurement
  std::string machine;
  int jobs = 1;          // runs at once
  std::string finished;  // UTC, "2026-01-31T12:00:00Z"
};

struct Limits {
  std::optional<double> time_limit_seconds;
  std::optional<std::uint64_t> work_limit;
  int threads = 1;
  double gap = 0;
  std::string version;  // of the program
};

struct Instance {
  std::string name;  // unlike all others of the comparison
  std::string path;
  std::string problem;
  std::string sha256;
  std::optional<Reference> reference;
};

struct Comparison {
  std::string title;
  std::string command;
  std::string references;  // the file they come from
  Limits limits;
  std::vector<std::string> methods;
  std::vector<std::uint64_t> seeds;
  std::vector<Instance> instances;
  std::vector<Run> runs;  // instances x methods x seeds, seeds fastest

  [[nodiscard]] std::size_t index(std::size_t instance, std::size_t method, std::size_t seed) const {
    return (instance * methods.size() + method) * seeds.size() + seed;
  }
  [[nodiscard]] const Run& run(std::size_t instance, std::size_t method, std::size_t seed) const {
    return runs[index(instance, method, seed)];
  }
};

std::string_view name_of(RunStatus status);
// Nothing where no status has this name.
std::optional<RunStatus> status_named(std::string_view name);

// A plan that the checker confirmed: only such objectives count.
bool has_plan(const Run& run);
// Optimal and confirmed, or proven infeasible.
bool is_proven(const Run& run);
// The method was started and did not refuse.
bool took_part(const Run& run);

}  // namespace plimsoll::compare
