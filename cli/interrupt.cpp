#include "cli/interrupt.hpp"

#include <signal.h>
#include <time.h>

#include <cstdint>

namespace plimsoll::cli {
namespace {

std::atomic<bool> stop{false};
std::atomic<std::int64_t> first_milliseconds{0};
static_assert(std::atomic<bool>::is_always_lock_free && std::atomic<std::int64_t>::is_always_lock_free);

// Some programs that end others signal the process and then its whole group, so one request may arrive twice.
constexpr std::int64_t same_request_milliseconds = 300;

void handle(int signal) {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  const std::int64_t milliseconds = std::int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1000000;
  if (!stop.exchange(true)) {
    first_milliseconds = milliseconds;
  } else if (milliseconds - first_milliseconds > same_request_milliseconds) {
    struct sigaction usual {};
    usual.sa_handler = SIG_DFL;
    sigaction(signal, &usual, nullptr);
    raise(signal);  // delivered when this handler returns
  }
}

}  // namespace

const std::atomic<bool>& stop_on_signals() {
  for (const int signal : {SIGINT, SIGTERM}) {
    struct sigaction current {};
    // A signal that the parent has us ignore (nohup, a background job of a script) stays ignored.
    if (sigaction(signal, nullptr, &current) == 0 && current.sa_handler == SIG_IGN) continue;
    struct sigaction action {};
    action.sa_handler = handle;
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    sigaction(signal, &action, nullptr);
  }
  return stop;
}

}  // namespace plimsoll::cli
