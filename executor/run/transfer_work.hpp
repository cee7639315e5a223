// The transfers of a run: handed to the engine window by window, as the plan times them, and waited for where a window
// needs them.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "executor/model/model_weights.hpp"
#include "executor/run/device_memory.hpp"
#include "executor/run/run_plan.hpp"
#include "executor/telemetry/recorder.hpp"
#include "executor/transfer/engine.hpp"

namespace plimsoll::executor {

class TransferWork {
 public:
  // Without `links` copies go as fast as memory lets them. `dilation` stretches the plan's times, as that of devices
  // which take turns is stretched.
  TransferWork(const RunPlan& plan, const ModelWeights& weights, DeviceMemory& memory, Isa isa, const Cluster* links,
               double dilation);

  // Starts what is timed from the start of this window (-1: of the run), which is now.
  void window_starts(int window, std::int64_t now);
  // Lets go of the slots whose last reader this window was.
  void window_ends(int window);
  // Until everything that the window needs has arrived. Seconds waited.
  double wait_for(int window);

  [[nodiscard]] const TransferEngine& engine() const { return engine_; }
  // The engine's number of a transfer, -1 before it was handed over.
  [[nodiscard]] int job(std::size_t transfer) const { return jobs_[transfer]; }
  // Spans of what arrived, on the lanes of the receiving devices.
  void record(const std::vector<Lane*>& lanes) const;

 private:
  void submit(int transfer, std::int64_t now);
  // Whether nothing reads the transfer's slot any more: neither a window nor a copy out of it.
  [[nodiscard]] bool slot_is_free(int transfer) const;
  void release_free_slots();
  // Waits for the copies out of its slot and lets it go. Only where its window is next: by the plan's order everything
  // that these copies wait for is over by then.
  void release_now(int transfer);

  const RunPlan& plan_;
  const ModelWeights& weights_;
  DeviceMemory& memory_;
  double dilation_;
  LinkModel links_;
  std::vector<LinkPath> paths_;           // [transfers]
  std::vector<int> jobs_;                 // [transfers]
  std::vector<std::vector<int>> starts_;  // [windows + 1] transfers by anchor, the run's start first
  std::vector<int> held_;                 // handed over, and their slots are still being read
  std::vector<std::vector<int>> needs_;   // [windows]
  std::vector<bool> over_;                // [windows] ended
  TransferEngine engine_;
};

}  // namespace plimsoll::executor
