// Which sanitizer this program was compiled with.
#pragma once

namespace plimsoll::testing {

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
inline constexpr bool under_thread_sanitizer = true;
#else
inline constexpr bool under_thread_sanitizer = false;
#endif
#if __has_feature(address_sanitizer)
inline constexpr bool under_address_sanitizer = true;
#else
inline constexpr bool under_address_sanitizer = false;
#endif
#else
inline constexpr bool under_thread_sanitizer = false;
inline constexpr bool under_address_sanitizer = false;
#endif

}  // namespace plimsoll::testing
