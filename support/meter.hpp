// Counts work and watches the clock: the one place that says when a solve has to end.
//
// Work is the limit that gives the same plan twice; the clock and the stop flag are guards. Work of parallel tasks is
// counted by each task and added at the end of a round, so that it does not depend on the number of threads.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>

#include "plimsoll/certificate.hpp"

namespace plimsoll::support {

class Meter {
 public:
  using Clock = std::chrono::steady_clock;

  Meter(std::uint64_t work_limit, std::optional<double> time_limit_seconds, const std::atomic<bool>* stop,
        Clock::time_point start = Clock::now());

  void add_work(std::uint64_t amount) { work_ += amount; }
  [[nodiscard]] std::uint64_t work() const { return work_; }
  [[nodiscard]] std::uint64_t work_left() const { return work_ < work_limit_ ? work_limit_ - work_ : 0; }
  [[nodiscard]] double seconds() const;
  // Until the deadline, at least 0; nothing without one. With stop(), for backends that watch the clock themselves.
  [[nodiscard]] std::optional<double> seconds_left() const;
  [[nodiscard]] const std::atomic<bool>* stop() const { return stop_; }

  // Time is up or somebody asked to stop. Safe from any thread, and cheap enough for every few thousand steps.
  [[nodiscard]] bool urgent() const;
  // Any limit is reached; called between rounds, on the solving thread.
  [[nodiscard]] bool exhausted() const { return work_left() == 0 || urgent(); }
  // Which limit it was, or nothing.
  [[nodiscard]] std::optional<StoppedBy> reason() const;

 private:
  std::uint64_t work_ = 0;
  std::uint64_t work_limit_;
  Clock::time_point start_;
  Clock::time_point deadline_ = Clock::time_point::max();
  const std::atomic<bool>* stop_;
};

}  // namespace plimsoll::support
