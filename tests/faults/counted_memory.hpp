// Every allocation of a test program, counted; and one of them, or all from one on, made to fail. Linking
// counted_memory.cpp replaces the global operator new.
#pragma once

#include <cstdint>

namespace plimsoll::testing {

struct CountedMemory {
  // Allocations that were not given back yet, over all threads.
  static std::int64_t live();
  // Allocations so far, over all threads.
  static std::uint64_t allocations();

  // The allocation number `after` from here on (0: the next) throws std::bad_alloc, and so do all later ones if
  // `lasting`, until heal().
  static void fail(std::uint64_t after, bool lasting);
  static void heal();
  // Whether an allocation was refused since the last fail().
  static bool refused();
};

}  // namespace plimsoll::testing
