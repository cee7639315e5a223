// Runs the built program with a pseudo-terminal as standard output and standard error.
#pragma once

#include <pty.h>

#include "tests/cli/process.hpp"

namespace plimsoll::test {

// A signal that is sent when this text is on the terminal.
struct SignalAt {
  std::string text = {};
  int signal = 0;  // 0: none
};

// What the terminal shows is in `out`, which is empty without pseudo-terminals on this machine.
inline Finished run_on_terminal(const Request& request, const SignalAt& interruption = {}) {
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
  bool signalled = interruption.signal == 0;
  while (reading.open()) {
    read_some(reading, finished.out);
    if (!signalled && finished.out.find(interruption.text) != std::string::npos) {
      signalled = true;
      ::kill(child, interruption.signal);
    }
  }
  wait_for(child, finished);
  return finished;
}

}  // namespace plimsoll::test
