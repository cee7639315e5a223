// Where the replicas of a device lie: a slot for each layer and base slot, and the transient slots. Written first by
// the device's own threads, so that the pages come from its memory node.
#pragma once

#include <cstddef>
#include <vector>

#include "executor/model/model_weights.hpp"
#include "executor/run/run_plan.hpp"
#include "executor/threads/memory.hpp"
#include "executor/threads/seats.hpp"

namespace plimsoll::executor {

class DeviceMemory {
 public:
  // What stands from the start is copied from host memory. Throws Error(memory) where it does not fit.
  DeviceMemory(const RunPlan& plan, const ModelWeights& weights, Seats& seats);

  [[nodiscard]] std::byte* slot(int device, int layer, int slot);
  [[nodiscard]] std::size_t bytes() const;

 private:
  struct Device {
    Memory memory;
    int base_slots = 0;       // of a layer
    int transient_slots = 0;  // of a layer, or of the pool
  };
  bool pooled_;
  int layers_;
  std::size_t expert_bytes_;
  std::vector<Device> devices_;
};

}  // namespace plimsoll::executor
