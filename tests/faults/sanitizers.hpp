// Which sanitizer this program was compiled with.
#pragma once

namespace plimsoll::testing {

#if defined(__has_feature)
inline constexpr bool under_thread_sanitizer = __has_feature(thread_sanitizer);
inline constexpr bool under_address_sanitizer = __has_feature(address_sanitizer);
#else
inline constexpr bool under_thread_sanitizer = false;
inline constexpr bool under_address_sanitizer = false;
#endif

// Their own operator new cannot be replaced.
inline constexpr bool memory_is_counted = !under_thread_sanitizer && !under_address_sanitizer;

}  // namespace plimsoll::testing
