// A fixed group of threads on fixed cores that share out the chunks of one piece of work after another.
//
// run() returns when all chunks are done; it does not wait for threads that claimed none. So a thread whose core is
// busy elsewhere, or which still sleeps, costs its share of the speed and not a time slice of the scheduler: those who
// run do its chunks. What a thread can delay is the one chunk it holds, hence many chunks per run (8 per thread or
// more) where their length allows it.
//
// Which thread does which chunk never matters for results: a chunk writes only what its number owns.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <span>
#include <thread>
#include <type_traits>
#include <vector>

#include "executor/threads/waiting.hpp"

namespace plimsoll::executor {

class Team {
 public:
  // A thread for each core but the first, which is the caller's own: whoever calls run() takes part as thread 0, and is
  // not pinned here. A core below 0 means wherever the system likes. At least one core; Error(usage) otherwise.
  // Error(memory) where the system gives no more threads; those made so far have ended by then.
  explicit Team(std::span<const int> cores, std::chrono::nanoseconds spin = bounded_spin);
  ~Team();
  Team(const Team&) = delete;
  Team& operator=(const Team&) = delete;

  [[nodiscard]] int size() const { return static_cast<int>(workers_.size()) + 1; }
  // Whether every thread but the caller's sits on its core.
  [[nodiscard]] bool pinned() const { return pinned_; }

  // work(chunk, thread), both int, once for every chunk in [0, chunks), claimed in order. Returns when all are done,
  // and what they wrote is visible to the caller. Allocates nothing. Every chunk runs even where one throws; the
  // exception of the lowest chunk that threw is then rethrown. One run at a time: Error(internal) from within a run and
  // from a second caller during one.
  template <class F>
  void run(int chunks, F&& work) {
    using Work = std::remove_reference_t<F>;
    run_job({[](const void* context, int chunk, int thread) {
               (*const_cast<Work*>(static_cast<const Work*>(context)))(chunk, thread);
             },
             std::addressof(work)},
            chunks);
  }

 private:
  struct Job {
    void (*call)(const void* context, int chunk, int thread);
    const void* context;
  };

  void run_job(const Job& job, int chunks);
  void publish(const Job& job, std::uint32_t chunks);
  void take_chunks(int thread);
  void do_chunk(const Job& job, int chunk, int thread);
  void await_all(std::uint32_t chunks);
  void serve(int thread);
  void end_workers();

  // The run's number in the upper half, chunks that nobody has claimed yet in the lower one. Claiming is taking one off
  // by compare-and-exchange. While any are left the run cannot end, so a claim that succeeds proves that the job read
  // just before is that of this run: a thread that comes late, with the number of an old run, claims nothing.
  alignas(64) std::atomic<std::uint64_t> ticket_{0};
  alignas(64) std::atomic<void (*)(const void*, int, int)> call_{nullptr};
  std::atomic<const void*> context_{nullptr};
  std::atomic<std::uint32_t> chunks_{0};
  std::atomic<bool> ending_{false};
  std::atomic<bool> running_{false};
  std::atomic<std::uint32_t> number_{0};  // of the last run: what idle threads watch and sleep on
  alignas(64) std::atomic<std::uint32_t> finished_{0};
  std::atomic<bool> caller_sleeps_{false};
  alignas(64) std::atomic<int> sleepers_{0};

  std::mutex failure_mutex_;
  std::exception_ptr failure_;
  int failed_chunk_ = 0;

  const std::chrono::nanoseconds spin_;
  bool pinned_ = true;
  std::vector<std::thread> workers_;
};

}  // namespace plimsoll::executor
