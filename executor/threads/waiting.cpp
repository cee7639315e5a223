#include "executor/threads/waiting.hpp"

#include <linux/futex.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <ctime>

namespace plimsoll::executor {

static_assert(sizeof(std::atomic<std::uint32_t>) == sizeof(std::uint32_t) &&
              std::atomic<std::uint32_t>::is_always_lock_free);

void sleep_while(const std::atomic<std::uint32_t>& word, std::uint32_t value, std::int64_t end_ns) {
  constexpr std::int64_t second = 1'000'000'000;
  timespec end{};
  end.tv_sec = static_cast<time_t>(end_ns / second);
  end.tv_nsec = static_cast<long>(end_ns % second);
  // FUTEX_WAIT_BITSET takes an end on CLOCK_MONOTONIC, which is what steady_clock is; FUTEX_WAIT would take a length.
  // Whatever it returns (woken, value changed, time, a signal), the caller looks again.
  syscall(SYS_futex, &word, FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG, value, end_ns == no_end ? nullptr : &end, nullptr,
          FUTEX_BITSET_MATCH_ANY);
}

void wake(const std::atomic<std::uint32_t>& word, int sleepers) {
  syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, sleepers, nullptr, nullptr, 0);
}

void sleep_precisely() { prctl(PR_SET_TIMERSLACK, 1000UL, 0UL, 0UL, 0UL); }

}  // namespace plimsoll::executor
