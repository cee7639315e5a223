// How threads wait for one another: a bounded spin, then sleep. A spin without bound holds the very core that the
// thread it waits for may need; a sleep alone costs a wake-up of some ten microseconds where the answer is about to
// come.
//
// Sleeping is the kernel's futex itself. libstdc++ 12 looks for sleepers of std::atomic::wait after a store without the
// fence that keeps the two in order, so a wake-up can be lost there.
#pragma once

#include <atomic>
#include <chrono>
#include <climits>
#include <cstdint>

namespace plimsoll::executor {

inline constexpr std::chrono::nanoseconds bounded_spin = std::chrono::microseconds(50);

inline constexpr std::int64_t no_end = INT64_MAX;

// Sleeps while the word holds this value, at most until `end_ns` of the steady clock (telemetry/clock.hpp); may return
// early, so ask again.
void sleep_while(const std::atomic<std::uint32_t>& word, std::uint32_t value, std::int64_t end_ns = no_end);
// Wakes so many of those who sleep on the word, which has been changed before.
void wake(const std::atomic<std::uint32_t>& word, int sleepers);
inline void wake_all(const std::atomic<std::uint32_t>& word) { wake(word, INT_MAX); }
// Timed sleep of the calling thread ends within some microseconds instead of some fifty, where the system can do that.
void sleep_precisely();
// Asks that the calling thread be put on a core as soon as it has something to do, if only for a tenth of a millisecond
// at a time, where others compute without end: its share of the time stays the same (Linux 6.12 and later; else nothing
// changes).
void run_in_short_slices();

// Tells the processor that this is a spin.
inline void pause_briefly() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// Whether ready() came true within the time.
template <class Ready>
bool spin_until(Ready&& ready, std::chrono::nanoseconds most) {
  if (ready()) return true;
  if (most <= std::chrono::nanoseconds::zero()) return false;
  const auto end = std::chrono::steady_clock::now() + most;
  do {
    for (int turn = 0; turn < 16; ++turn) {
      pause_briefly();
      if (ready()) return true;
    }
  } while (std::chrono::steady_clock::now() < end);
  return false;
}

}  // namespace plimsoll::executor
