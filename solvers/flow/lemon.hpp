// LEMON 1.3.1 as we use it: without locks. A graph of LEMON's holds a mutex while it notes down a map, and keeps it for
// good where the note finds no memory: the next map, or the graph's destructor, then waits forever. Our graphs are used
// by one thread each, so the Lock below takes the place of <lemon/bits/lock.h>, whose include guard it defines.
#pragma once

#define LEMON_BITS_LOCK_H

namespace lemon {
namespace bits {

class Lock {
 public:
  void lock() {}
  void unlock() {}
};

}  // namespace bits
}  // namespace lemon

#include <lemon/network_simplex.h>
#include <lemon/preflow.h>
#include <lemon/static_graph.h>
