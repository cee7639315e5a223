// Runs a plan: micro-step by micro-step, layer by layer, every device on exactly the tokens that the plan gives it, and
// transfers beside it when the plan starts them.
//
// A layer: x += attention(x) where that is asked for, on all threads together; h = rms_norm(x); each device computes
// its experts on its tokens of h; x += the weighted parts. A token's sum is taken in the order of its routing, so x
// does not depend on the plan, on devices or on threads (the contract of expert_kernel.hpp): only where and when things
// are computed does.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "executor/model/model_weights.hpp"
#include "executor/run/attention_work.hpp"
#include "executor/run/device_memory.hpp"
#include "executor/run/run_plan.hpp"
#include "executor/telemetry/recorder.hpp"
#include "executor/threads/seats.hpp"
#include "executor/transfer/engine.hpp"
#include "executor/transfer/link_model.hpp"

namespace plimsoll::executor {

enum class RoutingBy {
  plan,   // seeded routing that matches the instance's counts
  model,  // the router decides; replicas get their shares of what comes
};

struct RunOptions {
  std::uint64_t seed = 1;
  RoutingBy routing = RoutingBy::plan;
  const Cluster* links = nullptr;           // the link model; null: copies go as fast as memory lets them
  bool preloaded = false;                   // transient replicas are read from host memory, nothing is transferred
  const std::atomic<bool>* stop = nullptr;  // ends the run after the window at hand
  std::function<void(std::size_t done)> progress = {};  // windows
};

struct WindowTimes {
  double start = 0;                    // seconds since the run began
  double waited = 0;                   // for transfers, before that
  double seconds = 0;                  // of the whole window
  double normalise_seconds = 0;        // of which: the norm,
  double route_seconds = 0;            // the router, where it decides,
  double expert_seconds = 0;           // until the last device was done with its experts,
  double combine_seconds = 0;          // the sums, with the shared experts
  WindowAttention attention;           // of the layer, before the waiting
  std::vector<double> device_seconds;  // [devices] busy with experts
  std::vector<std::int64_t> counts;    // [experts] tokens that came; empty where they are those of the plan
};

struct TransferTimes {
  double start = 0;  // seconds since the run began
  double end = 0;
  double late_seconds = 0;
};

struct RunResult {
  bool complete = true;  // false: stopped
  double seconds = 0;
  std::vector<WindowTimes> windows;
  std::vector<TransferTimes> transfers;
  TransferTotals totals;
  std::string output_sha256;  // of the last x of every micro-step
  double other_busy = -1;     // share of the machine that others had (telemetry/busy.hpp)
};

class Runner {
 public:
  // All of them outlive the runner. The recorder may be null, and so may the attention: layers are experts alone then.
  Runner(const RunPlan& plan, const ModelWeights& weights, DeviceMemory& memory, Isa isa, Seats& seats,
         Recorder* recorder, AttentionWork* attention = nullptr);
  ~Runner();

  [[nodiscard]] RunResult run(const RunOptions& options);
  // x of the last micro-step after its last layer, [tokens][width].
  [[nodiscard]] const std::vector<float>& output() const;

 private:
  class Work;
  std::unique_ptr<Work> work_;
};

}  // namespace plimsoll::executor
