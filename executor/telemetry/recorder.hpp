// What happened when, on which device and thread: spans of time, arrows between them, counters. Every writing thread
// has a lane of its own, whose memory is there before the work begins: recording is a few stores and never waits,
// allocates or grows. What does not fit is counted and left out, the latest first, so that what is there has no holes.
//
// Names and categories are string literals: only their addresses are kept.
//
// Switched off is a null Lane*: Span and the record functions below then cost one branch.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "executor/telemetry/clock.hpp"

namespace plimsoll::executor {

// What a span was about; below 0 where it does not apply.
struct SpanArguments {
  int layer = -1;
  int microstep = -1;
  int expert = -1;
  int tokens = -1;
};

struct SpanRecord {
  const char* name = "";
  const char* category = "";
  std::int64_t begin_ns = 0;
  std::int64_t end_ns = 0;
  SpanArguments arguments;
};

// One end of an arrow. `at_ns` lies in a span of the same lane, its beginning included, its end excluded: that is the
// span the arrow leaves or enters.
struct FlowRecord {
  const char* name = "";
  std::uint64_t id = 0;
  std::int64_t at_ns = 0;
  bool leaves = false;
};

// The value of a counter from this moment on.
struct CountRecord {
  const char* name = "";
  std::int64_t at_ns = 0;
  double value = 0;
};

// Written by one thread, read by any at any time.
template <class Record>
class Records {
 public:
  explicit Records(std::size_t capacity) : records_(capacity) {}
  void add(const Record& record) {
    const std::size_t size = size_.load(std::memory_order_relaxed);
    if (size == records_.size()) {
      lost_.store(lost_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
      return;
    }
    records_[size] = record;
    size_.store(size + 1, std::memory_order_release);
  }
  [[nodiscard]] std::span<const Record> all() const { return {records_.data(), size_.load(std::memory_order_acquire)}; }
  [[nodiscard]] std::uint64_t lost() const { return lost_.load(std::memory_order_relaxed); }
  // Not while the writer writes or anyone reads.
  void clear() {
    size_.store(0, std::memory_order_relaxed);
    lost_.store(0, std::memory_order_relaxed);
  }

 private:
  std::vector<Record> records_;
  std::atomic<std::size_t> size_{0};
  std::atomic<std::uint64_t> lost_{0};
};

// One thread of one device. One writer at a time; where threads take turns, what makes them take turns (a Team's run)
// must order them.
struct Lane {
  Lane(int device, int thread, std::string name, std::size_t capacity)
      : device(device), thread(thread), name(std::move(name)), spans(capacity), flows(capacity), counts(capacity) {}

  const int device;
  const int thread;
  const std::string name;
  Records<SpanRecord> spans;
  Records<FlowRecord> flows;
  Records<CountRecord> counts;
};

// A flow's id is any number that its two ends share and no other flow has.
inline void record_leaving(Lane* lane, const char* name, std::uint64_t id, std::int64_t at_ns) {
  if (lane != nullptr) lane->flows.add({name, id, at_ns, true});
}
inline void record_arrival(Lane* lane, const char* name, std::uint64_t id, std::int64_t at_ns) {
  if (lane != nullptr) lane->flows.add({name, id, at_ns, false});
}
inline void record_count(Lane* lane, const char* name, std::int64_t at_ns, double value) {
  if (lane != nullptr) lane->counts.add({name, at_ns, value});
}
inline void record_span(Lane* lane, const SpanRecord& span) {
  if (lane != nullptr) lane->spans.add(span);
}

// From here to the end of the scope.
class Span {
 public:
  Span(Lane* lane, const char* name, const char* category, const SpanArguments& arguments = {}) : lane_(lane) {
    if (lane_ != nullptr) record_ = {name, category, now_ns(), 0, arguments};
  }
  ~Span() {
    if (lane_ == nullptr) return;
    record_.end_ns = now_ns();
    lane_->spans.add(record_);
  }
  Span(const Span&) = delete;
  Span& operator=(const Span&) = delete;
  // Known only once the work has begun.
  void set_tokens(int tokens) { record_.arguments.tokens = tokens; }
  [[nodiscard]] std::int64_t begin_ns() const { return record_.begin_ns; }

 private:
  Lane* lane_;
  SpanRecord record_;
};

class Recorder {
 public:
  // Each lane holds so many records of each kind (some 130 bytes for the three).
  explicit Recorder(std::size_t capacity) : capacity_(capacity) {}

  // A new lane; it stays where it is as long as the recorder lives. Error(memory) where there is none.
  Lane* add_lane(int device, int thread, std::string name);
  void name_device(int device, std::string name);

  [[nodiscard]] std::vector<const Lane*> lanes() const;
  // The name given, else "device 3".
  [[nodiscard]] std::string device_name(int device) const;
  // Records that did not fit.
  [[nodiscard]] std::uint64_t lost() const;
  // Forgets records and keeps lanes. Not while anyone records.
  void clear();

 private:
  const std::size_t capacity_;
  mutable std::mutex mutex_;  // of what follows, not of what stands in the lanes
  std::deque<Lane> lanes_;
  std::map<int, std::string> device_names_;
};

}  // namespace plimsoll::executor
