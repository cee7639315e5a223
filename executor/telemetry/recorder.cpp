#include "executor/telemetry/recorder.hpp"

#include <new>

#include "plimsoll/error.hpp"

namespace plimsoll::executor {

Lane* Recorder::add_lane(int device, int thread, std::string name) {
  const std::lock_guard lock(mutex_);
  try {
    return &lanes_.emplace_back(device, thread, std::move(name), capacity_);
  } catch (const std::bad_alloc&) {
    throw Error(ErrorCode::memory, "no memory for " + std::to_string(capacity_) + " records of a thread", {},
                "Maybe trace fewer micro-steps.");
  }
}

void Recorder::name_device(int device, std::string name) {
  const std::lock_guard lock(mutex_);
  device_names_[device] = std::move(name);
}

std::vector<const Lane*> Recorder::lanes() const {
  const std::lock_guard lock(mutex_);
  std::vector<const Lane*> all;
  for (const Lane& lane : lanes_) all.push_back(&lane);
  return all;
}

std::string Recorder::device_name(int device) const {
  const std::lock_guard lock(mutex_);
  const auto found = device_names_.find(device);
  return found == device_names_.end() ? "device " + std::to_string(device) : found->second;
}

std::uint64_t Recorder::lost() const {
  const std::lock_guard lock(mutex_);
  std::uint64_t sum = 0;
  for (const Lane& lane : lanes_) sum += lane.spans.lost() + lane.flows.lost() + lane.counts.lost();
  return sum;
}

void Recorder::clear() {
  const std::lock_guard lock(mutex_);
  for (Lane& lane : lanes_) {
    lane.spans.clear();
    lane.flows.clear();
    lane.counts.clear();
  }
}

}  // namespace plimsoll::executor
