#include "executor/transfer/doze.hpp"

#include <linux/futex.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <chrono>
#include <climits>
#include <ctime>

namespace plimsoll::executor {

// The futex itself: std::atomic::wait knows no time at which it ends, and a condition variable would need the lock of
// those who wake.
static_assert(sizeof(std::atomic<std::uint32_t>) == sizeof(std::uint32_t));

std::int64_t steady_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

void doze(const std::atomic<std::uint32_t>& word, std::uint32_t value, std::int64_t end_ns) {
  constexpr std::int64_t second = 1'000'000'000;
  timespec end{};
  end.tv_sec = static_cast<time_t>(end_ns / second);
  end.tv_nsec = static_cast<long>(end_ns % second);
  // FUTEX_WAIT_BITSET takes an end on CLOCK_MONOTONIC, which is what steady_clock is; FUTEX_WAIT would take a length.
  syscall(SYS_futex, &word, FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG, value, end_ns == no_end ? nullptr : &end, nullptr,
          FUTEX_BITSET_MATCH_ANY);
}

void wake_all(const std::atomic<std::uint32_t>& word) {
  syscall(SYS_futex, &word, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, INT_MAX, nullptr, nullptr, 0);
}

void doze_precisely() { prctl(PR_SET_TIMERSLACK, 1000UL, 0UL, 0UL, 0UL); }

}  // namespace plimsoll::executor
