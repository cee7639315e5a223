// The one clock of the executor: steady, in nanoseconds since some moment before the program began.
#pragma once

#include <chrono>
#include <cstdint>

namespace plimsoll::executor {

inline std::int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace plimsoll::executor
