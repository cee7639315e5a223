// What experts and links cost on this machine: the numbers that a planner needs, measured the way a run uses them.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "executor/model/model_shape.hpp"
#include "plimsoll/cluster.hpp"
#include "plimsoll/experts.hpp"

namespace plimsoll::executor {

struct CalibrateOptions {
  int devices = 1;
  int threads = 0;         // 0: one for each core
  int most_tokens = 1024;  // of one expert; beyond, the last segment goes on
  int repeats = 7;         // rounds of which the median counts
  std::uint64_t seed = 1;
  const std::atomic<bool>* stop = nullptr;
  std::function<void(const std::string& what)> progress;
};

struct MeasuredCost {
  ExpertCost cost;                     // expert_seconds, other_seconds, and token_seconds as the slope at the end
  double expert_bytes = 0;             // as packed
  Link link;                           // in the plan's time: where devices take turns, faster than the clock's by that
  double shared_bytes_per_second = 0;  // that all threads read from memory together
  int devices_at_once = 1;
  int threads_of_a_device = 1;
  double other_busy = -1;
};

// All devices that fit at once compute at once, caches cold (at least 512 MiB of experts are gone through where memory
// allows): what one of them takes is what it takes beside the others. Throws Error(usage, memory); Error(usage) where
// it was stopped.
[[nodiscard]] MeasuredCost calibrate(const ModelShape& shape, const CalibrateOptions& options);

// The file that `--cost` takes (docs/formats.md, "A measured cost").
[[nodiscard]] std::string cost_json(const MeasuredCost& cost, const ModelShape& shape, const std::string& machine,
                                    const std::string& command);

}  // namespace plimsoll::executor
