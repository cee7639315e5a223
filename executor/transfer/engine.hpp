// Copies between device memories, on threads of its own, in the order and at the pace of the links (schedule.hpp).
//
// One thread serves all links: it copies whatever pieces are due and sleeps until the next is, so that it takes a core
// for no longer than the copies themselves. More threads only help where one cannot copy as fast as all links together.
#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "executor/kernels/isa.hpp"
#include "executor/transfer/copy.hpp"
#include "executor/transfer/schedule.hpp"

namespace plimsoll::executor {

struct TransferTotals {
  std::int64_t bytes = 0;   // moved
  double copy_seconds = 0;  // that threads were copying, summed over them
  double cpu_seconds = 0;   // processor time of the threads in all, taken from those who compute
  std::int64_t wake_ups = 0;
};

struct TransferWait {
  bool arrived = false;  // false: cancelled
  double seconds = 0;    // that the caller waited
};

class TransferEngine {
 public:
  // Ports of the link model; threads 1 or more. PLIMSOLL_ISA decides how bytes are copied.
  explicit TransferEngine(int ports, int threads = 1, Isa isa = chosen_isa());
  // Cancels what has not arrived.
  ~TransferEngine();
  TransferEngine(const TransferEngine&) = delete;
  TransferEngine& operator=(const TransferEngine&) = delete;

  // Source and target stay until the job has ended. What the caller wrote into the source before this call is what is
  // copied; jobs have numbers from 0 in the order of these calls, which is the order on ports.
  int submit(const TransferJob& job);
  void release(int job);
  // wait() tells when nothing of it is being written any more.
  void cancel(int job);
  void cancel_all();

  // Spins for a moment, then sleeps. Afterwards the caller may read what has arrived.
  TransferWait wait(int job);
  [[nodiscard]] bool has_arrived(int job) const;
  [[nodiscard]] TransferReport report(int job) const;
  [[nodiscard]] TransferTotals totals() const;
  [[nodiscard]] double busy_seconds(int port) const;  // of transfers that have ended

 private:
  void work();
  void end();
  void tell_ended(std::vector<const std::atomic<std::uint32_t>*>& ended);
  void tell_threads();

  CopyBytes copy_;
  mutable std::mutex mutex_;  // of all that follows but the word
  TransferSchedule schedule_;
  TransferTotals totals_;
  bool stop_ = false;
  std::atomic<std::uint32_t> news_{0};  // changes when threads should look again
  std::vector<std::thread> threads_;
};

}  // namespace plimsoll::executor
