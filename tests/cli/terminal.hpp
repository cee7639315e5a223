// Runs the built program with a pseudo-terminal as standard output and standard error.
#pragma once

#include <pty.h>

#include "tests/cli/process.hpp"

namespace plimsoll::test {

// What the terminal shows is in `out`. Without pseudo-terminals on this machine: skips the test.
inline Finished run_on_terminal(const Request& request) {
  Finished finished;
  int outside = -1;
  int inside = -1;
  winsize size{.ws_row = 50, .ws_col = 100, .ws_xpixel = 0, .ws_ypixel = 0};
  if (::openpty(&outside, &inside, nullptr, nullptr, &size) != 0) return finished;
  Descriptor reading(outside);
  Descriptor writing(inside);
  ::fcntl(outside, F_SETFD, FD_CLOEXEC);
  ::fcntl(inside, F_SETFD, FD_CLOEXEC);
  Pipe in;
  in.writing.close();
  const pid_t child = start(request, in.reading.number(), inside, inside);
  if (child < 0) return finished;
  writing.close();
  while (reading.open()) read_some(reading, finished.out);
  wait_for(child, finished);
  return finished;
}

}  // namespace plimsoll::test
