#include "executor/threads/seats.hpp"

#include <algorithm>
#include <span>
#include <string>
#include <system_error>
#include <utility>

#include "executor/threads/affinity.hpp"
#include "executor/threads/topology.hpp"
#include "plimsoll/error.hpp"

namespace plimsoll::executor {

Seats::Seats(int devices, int threads) {
  if (devices < 1 || threads < 0) {
    throw Error(ErrorCode::usage, std::to_string(devices) + " devices on " + std::to_string(threads) + " threads");
  }
  const std::vector<Core> cores = threads == 0 ? usable_cores() : usable_processors();
  threads_ = threads == 0 ? static_cast<int>(cores.size()) : threads;
  const int count = std::min(devices, threads_);
  std::vector<int> ids(static_cast<std::size_t>(threads_), -1);
  std::transform(cores.begin(), cores.begin() + std::min<std::ptrdiff_t>(std::ssize(cores), threads_), ids.begin(),
                 [](const Core& core) { return core.id; });
  try {
    std::size_t first = 0;
    for (int seat = 0; seat < count; ++seat) {
      const auto share = static_cast<std::size_t>(threads_ / count + (seat < threads_ % count ? 1 : 0));
      const std::span<const int> own(ids.data() + first, share);
      seats_.push_back(std::make_unique<Seat>(own, first < cores.size() ? cores[first].numa_node : -1));
      seats_.back()->leader = std::thread([this, seat] { lead(seat); });
      const bool led = pin_thread(seats_.back()->leader.native_handle(), own.front());
      pinned_ = led && seats_.back()->team.pinned() && pinned_;
      first += share;
    }
  } catch (const std::system_error& failure) {
    end_leaders();
    throw Error(
        ErrorCode::memory,
        "the system gave no thread for a seat of " + std::to_string(threads_) + " threads (" + failure.what() + ")", {},
        "Maybe use fewer threads, or raise the limit on processes (ulimit -u, pids.max of the cgroup).");
  } catch (...) {
    end_leaders();
    throw;
  }
}

Seats::~Seats() { end_leaders(); }

void Seats::end_leaders() {
  ending_.store(true);
  number_.fetch_add(1);
  wake(number_, static_cast<int>(seats_.size()));
  for (const auto& seat : seats_) {
    if (seat->leader.joinable()) seat->leader.join();
  }
}

void Seats::run_job(const Job& job, int devices) {
  if (running_.exchange(true, std::memory_order_acquire)) {
    throw Error(ErrorCode::internal, "seats were asked to run while they run");
  }
  job_ = job;
  devices_ = devices;
  working_.store(static_cast<std::uint32_t>(seats_.size()), std::memory_order_relaxed);
  number_.fetch_add(1);
  wake(number_, static_cast<int>(seats_.size()));
  for (std::uint32_t working = working_.load(); working != 0; working = working_.load()) sleep_while(working_, working);

  std::exception_ptr failure;
  int failed = 0;
  for (const auto& seat : seats_) {
    const std::exception_ptr own = std::exchange(seat->failure, nullptr);
    if (own && (!failure || seat->failed_device < failed)) {
      failure = own;
      failed = seat->failed_device;
    }
  }
  running_.store(false, std::memory_order_release);
  if (failure) std::rethrow_exception(failure);
}

void Seats::lead(int seat) {
  std::uint32_t seen = 0;
  for (;;) {
    const auto called = [&] { return number_.load(std::memory_order_acquire) != seen; };
    if (!spin_until(called, bounded_spin)) {
      while (number_.load() == seen) sleep_while(number_, seen);
    }
    ++seen;  // no run begins before every leader has ended the last
    if (ending_.load()) return;
    Seat& own = *seats_[static_cast<std::size_t>(seat)];
    for (int device = seat; device < devices_; device += seats()) {
      try {
        job_.call(job_.context, device, own.team);
      } catch (...) {
        if (own.failure) continue;
        own.failure = std::current_exception();
        own.failed_device = device;
      }
    }
    // The caller may be gone as soon as this is 0, but not the word: the destructor joins.
    if (working_.fetch_sub(1) == 1) wake(working_, 1);
  }
}

}  // namespace plimsoll::executor
