// Devices on the cores of this machine. A seat is a share of the threads with a leader and a team of its own. With as
// many threads as devices or more, every device has a seat; with fewer, there is a seat for every thread, and devices
// take turns on it. A device always has the same seat, so its caches and its memory node stay its own.
//
// Every seat has a leader thread of its own, also where there is only one: what a device measures is the same whoever
// asks, and the caller's pinning is left alone. The caller sleeps until all seats have ended.
//
// Which seat, which thread and how many of them never matters for results, only for time.
#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <memory>
#include <span>
#include <thread>
#include <type_traits>
#include <vector>

#include "executor/threads/team.hpp"

namespace plimsoll::executor {

class Seats {
 public:
  // threads 0: one for every usable core. More threads than usable processors are left unpinned beyond those.
  // Error(usage) for fewer than one device or a negative number of threads; Error(memory) where the system gives no
  // more threads.
  Seats(int devices, int threads);
  ~Seats();
  Seats(const Seats&) = delete;
  Seats& operator=(const Seats&) = delete;

  [[nodiscard]] int seats() const { return static_cast<int>(seats_.size()); }
  [[nodiscard]] int threads() const { return threads_; }
  [[nodiscard]] int threads_of(int device) const { return seats_[seat_of(device)]->team.size(); }
  // The memory node of the device's first core; for Memory::bind. -1 where it has no core of its own.
  [[nodiscard]] int numa_node_of(int device) const { return seats_[seat_of(device)]->numa_node; }
  // Whether every thread sits on its core.
  [[nodiscard]] bool pinned() const { return pinned_; }

  // job(device, team), an int and a Team&, once for each device in [0, devices): device d on seat d % seats(), the
  // devices of a seat in order, all seats at once. Returns when all have ended; the exception of the lowest device that
  // threw is then rethrown. A job must not wait for a device that comes after it on its own seat. One run at a time:
  // Error(internal) otherwise.
  template <class F>
  void run(int devices, F&& job) {
    using Work = std::remove_reference_t<F>;
    run_job({[](const void* context, int device, Team& team) {
               (*const_cast<Work*>(static_cast<const Work*>(context)))(device, team);
             },
             std::addressof(job)},
            devices);
  }

 private:
  struct Job {
    void (*call)(const void* context, int device, Team& team) = nullptr;
    const void* context = nullptr;
  };
  struct Seat {
    Seat(std::span<const int> cores, int node) : team(cores), numa_node(node) {}
    Team team;
    int numa_node;
    int failed_device = 0;
    std::exception_ptr failure;
    std::thread leader;
  };

  [[nodiscard]] std::size_t seat_of(int device) const { return static_cast<std::size_t>(device) % seats_.size(); }
  void run_job(const Job& job, int devices);
  void lead(int seat);
  void end_leaders();

  Job job_;          // of the run that is on; written while all leaders wait
  int devices_ = 0;  // likewise
  std::atomic<bool> running_{false};
  std::atomic<bool> ending_{false};
  alignas(64) std::atomic<std::uint32_t> number_{0};   // of the last run
  alignas(64) std::atomic<std::uint32_t> working_{0};  // leaders that have not ended it

  int threads_ = 0;
  bool pinned_ = true;
  std::vector<std::unique_ptr<Seat>> seats_;
};

}  // namespace plimsoll::executor
