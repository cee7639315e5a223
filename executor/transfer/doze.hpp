// Sleep that ends when a word changes or a time comes.
#pragma once

#include <atomic>
#include <cstdint>

namespace plimsoll::executor {

inline constexpr std::int64_t no_end = INT64_MAX;

// The steady clock, in nanoseconds.
[[nodiscard]] std::int64_t steady_ns();
// Sleeps while the word holds this value, at most until `end_ns` of the steady clock. May end early: ask again.
void doze(const std::atomic<std::uint32_t>& word, std::uint32_t value, std::int64_t end_ns = no_end);
// Wakes all that doze on the word; it has been changed before.
void wake_all(const std::atomic<std::uint32_t>& word);
// Timed sleep of the calling thread ends within some microseconds instead of some fifty, where the system can do that.
void doze_precisely();

}  // namespace plimsoll::executor
