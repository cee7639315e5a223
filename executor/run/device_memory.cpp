#include "executor/run/device_memory.hpp"

#include <cstring>
#include <string>

#include "plimsoll/error.hpp"

namespace plimsoll::executor {

DeviceMemory::DeviceMemory(const RunPlan& plan, const ModelWeights& weights, Seats& seats)
    : pooled_(plan.pooled), layers_(plan.layers), expert_bytes_(weights.expert_bytes()) {
  devices_.resize(static_cast<std::size_t>(plan.devices));
  std::size_t all = 0;
  for (std::size_t d = 0; d < devices_.size(); ++d) {
    Device& device = devices_[d];
    device.base_slots = plan.base_slots[d];
    device.transient_slots = plan.slots[d] - plan.base_slots[d];
    all += static_cast<std::size_t>(layers_ * device.base_slots + (pooled_ ? 1 : layers_) * device.transient_slots);
  }
  if (expert_bytes_ > 0 && all > available_memory() / expert_bytes_) {
    throw Error(ErrorCode::memory,
                "the slots of all devices take " + std::to_string(all * expert_bytes_ / 1'000'000) + " MB, and " +
                    std::to_string(available_memory() / 1'000'000) + " MB are available",
                {}, "Maybe run fewer layers (--layers 2), or a smaller --model.");
  }
  for (std::size_t d = 0; d < devices_.size(); ++d) {
    Device& device = devices_[d];
    device.memory = Memory(
        static_cast<std::size_t>(layers_ * device.base_slots + (pooled_ ? 1 : layers_) * device.transient_slots) *
        expert_bytes_);
    device.memory.bind(seats.numa_node_of(static_cast<int>(d)));
  }
  seats.run(plan.devices, [&](int device, Team& team) {
    int first = 0;
    for (int d = 0; d < device; ++d) first += plan.slots[static_cast<std::size_t>(d)];
    const int slots = plan.slots[static_cast<std::size_t>(device)];
    team.run(layers_ * slots, [&](int task, int) {
      const int layer = task / slots;
      const int expert = plan.base.at(static_cast<std::size_t>(layer), static_cast<std::size_t>(first + task % slots));
      if (expert >= 0) {
        std::memcpy(slot(device, layer, task % slots), weights.expert(layer, expert), expert_bytes_);
      } else if (!pooled_ || layer == 0) {
        // Pages are had now: a transfer that was the first to write them would take ten times as long. A pool's slots
        // are the same for all layers.
        std::memset(slot(device, layer, task % slots), 0, expert_bytes_);
      }
    });
  });
}

std::byte* DeviceMemory::slot(int device, int layer, int slot) {
  Device& of = devices_[static_cast<std::size_t>(device)];
  int index = layer * of.base_slots + slot;
  if (slot >= of.base_slots) {
    index = layers_ * of.base_slots + (pooled_ ? 0 : layer * of.transient_slots) + (slot - of.base_slots);
  }
  return of.memory.data() + static_cast<std::size_t>(index) * expert_bytes_;
}

std::size_t DeviceMemory::bytes() const {
  std::size_t sum = 0;
  for (const Device& device : devices_) sum += device.memory.size();
  return sum;
}

}  // namespace plimsoll::executor
