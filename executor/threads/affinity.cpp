#include "executor/threads/affinity.hpp"

#include <pthread.h>
#include <sched.h>

#include <cstddef>

namespace plimsoll::executor {

bool pin_thread(std::thread::native_handle_type thread, int core) {
  if (core < 0) return false;
  // The plain cpu_set_t ends at core 1023.
  const int cores = core + 1;
  cpu_set_t* set = CPU_ALLOC(static_cast<std::size_t>(cores));
  if (set == nullptr) return false;
  const std::size_t bytes = CPU_ALLOC_SIZE(static_cast<std::size_t>(cores));
  CPU_ZERO_S(bytes, set);
  CPU_SET_S(static_cast<std::size_t>(core), bytes, set);
  const bool pinned = pthread_setaffinity_np(thread, bytes, set) == 0;
  CPU_FREE(set);
  return pinned;
}

bool pin_this_thread(int core) { return pin_thread(pthread_self(), core); }

}  // namespace plimsoll::executor
