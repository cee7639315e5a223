#include "executor/threads/waiting.hpp"

#include <linux/futex.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
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

void run_in_short_slices() {
#if defined(SYS_sched_setattr)
  // struct sched_attr, which glibc 2.36 does not declare; sched_setattr(2).
  struct {
    std::uint32_t size;
    std::uint32_t policy;
    std::uint64_t flags;
    std::int32_t nice;
    std::uint32_t priority;
    std::uint64_t runtime;  // ns; of SCHED_OTHER: the slice
    std::uint64_t deadline;
    std::uint64_t period;
  } attributes{};
  attributes.size = sizeof attributes;
  attributes.policy = SCHED_OTHER;
  attributes.nice = getpriority(PRIO_PROCESS, 0);
  attributes.runtime = 100'000;
  syscall(SYS_sched_setattr, 0, &attributes, 0U);
#endif
}

void sleep_precisely() { prctl(PR_SET_TIMERSLACK, 1000UL, 0UL, 0UL, 0UL); }

}  // namespace plimsoll::executor
