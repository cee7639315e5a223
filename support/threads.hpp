// Independent tasks on a fixed number of threads. Which thread runs which task never matters: a task writes only to
// what its index owns, so results are the same for any number of threads.
#pragma once

#include <cstddef>
#include <functional>

namespace plimsoll::support {

// Runs task(0) .. task(count - 1). With threads <= 1 everything runs on the caller's thread, in order. The exception of
// the lowest index that threw is rethrown when all have ended.
void for_each_index(std::size_t count, int threads, const std::function<void(std::size_t)>& task);

}  // namespace plimsoll::support
