// Threads on cores. Where the system refuses (a core outside the process's set, a sandbox) the thread runs wherever it
// is put: slower perhaps, never wrong, so the answer is a flag and no error.
#pragma once

#include <thread>

namespace plimsoll::executor {

// Whether the thread now runs on this core (the operating system's number) alone. A negative core is refused.
bool pin_thread(std::thread::native_handle_type thread, int core);
bool pin_this_thread(int core);

}  // namespace plimsoll::executor
