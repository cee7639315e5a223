// Ctrl-C and SIGTERM end a solve with the best plan so far.
#pragma once

#include <atomic>

namespace plimsoll::cli {

// From now on the first SIGINT or SIGTERM sets the flag that is returned; a later one kills as usual.
const std::atomic<bool>& stop_on_signals();

}  // namespace plimsoll::cli
