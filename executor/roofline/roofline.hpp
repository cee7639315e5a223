// Every kernel beside the ceilings of this machine, measured in one run on the same threads: the roofline of Williams,
// Waterman and Patterson (2009). A kernel that needs f flops and at least b bytes from memory takes no less than
// max(f / peak, b / read rate); what it reaches is that over the time it took.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "executor/ceilings/ceiling_watch.hpp"
#include "executor/model/model_shape.hpp"

namespace plimsoll::executor {

struct RooflineOptions {
  int threads = 0;                             // 0: one for each core
  std::vector<int> tokens = {1, 16, 64, 512};  // of a layer
  double seconds = 2;                          // for each kernel and number of tokens
  std::uint64_t seed = 1;
  const std::atomic<bool>* stop = nullptr;
  std::function<void(const std::string& what)> progress;
};

struct RooflinePoint {
  std::string kernel;  // "experts", "router", "norm", "combine", "transfer"
  int tokens = 0;
  double flops = 0;
  double bytes = 0;    // that have to come from or go to memory at least once
  double seconds = 0;  // the least of the repeats
  bool compute_bound = false;
  double share = 0;                  // of the bound that applies
  double ceiling = 0;                // flops or bytes per second of that bound
  CeilingWatch::Period period = {};  // ceilings of the same seconds, which `share` is by
  double other_busy = -1;            // share of the machine that others had meanwhile
};

struct Roofline {
  Ceilings ceilings;  // before all kernels
  std::vector<RooflinePoint> points;
};

// Throws Error(memory) where the experts do not fit, Error(usage) where it was stopped.
[[nodiscard]] Roofline measure_roofline(const ModelShape& shape, const RooflineOptions& options);

[[nodiscard]] std::string roofline_json(const Roofline& roofline, const ModelShape& shape, const std::string& machine);

}  // namespace plimsoll::executor
