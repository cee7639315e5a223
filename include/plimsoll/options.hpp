// How to solve: method, limits, and two ways to look in while it runs.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace plimsoll {

struct Progress {
  double seconds = 0;
  std::optional<double> objective;  // of the best verified plan so far
  std::optional<double> bound;
  std::uint64_t work = 0;
};

struct SolveOptions {
  std::string method = "auto";
  // Work counts elementary steps (a candidate judged, an arc scanned), so a limit in work gives the same plan on every
  // machine. Without any limit each problem sets one in proportion to the instance.
  std::optional<std::uint64_t> work_limit;
  std::optional<double> time_limit_seconds;  // a guard; the result says when it was what stopped the solve
  int threads = 1;                           // never changes the plan
  std::uint64_t seed = 1;
  double gap = 0.0;                         // stop once the gap is at most this
  const std::atomic<bool>* stop = nullptr;  // set it from anywhere: the best plan so far is returned
  // At most some times per second, while the caller waits: on the solving thread, or on the one that GLPK runs on.
  std::function<void(const Progress&)> progress;
};

}  // namespace plimsoll
