#include "cli/stream.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <string>

#include "cli/errors.hpp"
#include "cli/exit_codes.hpp"
#include "cli/interrupt.hpp"
#include "cli/terminal.hpp"
#include "plimsoll/error.hpp"
#include "support/json.hpp"
#include "support/meter.hpp"

namespace plimsoll::cli {
namespace {

// Lines of standard input; waiting for one ends at a signal, which std::getline would sleep through.
class Lines {
 public:
  explicit Lines(const std::atomic<bool>& stop) : stop_(stop) {}

  bool next(std::string& line) {
    for (std::size_t searched = 0;;) {
      const std::size_t end = pending_.find('\n', searched);
      if (end != std::string::npos || (ended_ && !pending_.empty())) {
        line = pending_.substr(0, end);
        pending_.erase(0, end == std::string::npos ? end : end + 1);
        return true;
      }
      searched = pending_.size();
      if (ended_ || !wait()) return false;
      read_more();
    }
  }

 private:
  bool wait() const {
    pollfd input{STDIN_FILENO, POLLIN, 0};
    while (!stop_) {
      if (poll(&input, 1, -1) > 0) return true;
      if (errno != EINTR)
        throw Error(ErrorCode::file, std::string("cannot wait for standard input: ") + std::strerror(errno));
    }
    return false;
  }

  void read_more() {
    char buffer[65536];
    const ssize_t count = read(STDIN_FILENO, buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) return;
    if (count < 0) throw Error(ErrorCode::file, std::string("cannot read standard input: ") + std::strerror(errno));
    ended_ = count == 0;
    pending_.append(buffer, static_cast<std::size_t>(count));
  }

  const std::atomic<bool>& stop_;
  std::string pending_;
  bool ended_ = false;
};

}  // namespace

int run_stream(const OpenedInstance& opened, const common::LineStreamOptions& options, bool quiet) {
  const auto& stop = stop_on_signals();
  const auto stream = opened.instance->line_stream(options);
  print_data(stream->opening() + "\n");
  std::size_t number = 0;
  std::size_t answered = 0;
  double longest = 0;
  Lines lines(stop);
  std::string line;
  while (!stop && lines.next(line)) {
    ++number;
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    const std::string place = "standard input, line " + std::to_string(number);
    const auto start = support::Meter::Clock::now();
    const std::string answer = about_file(place, [&] { return stream->answer(support::parse(line)); });
    longest = std::max(longest, std::chrono::duration<double>(support::Meter::Clock::now() - start).count());
    print_data(answer + "\n");
    ++answered;
  }
  if (!quiet) {
    print_note(std::to_string(answered) + " micro-steps planned, the slowest in " + readable(1000 * longest, 3) +
               " ms\n");
  }
  return exit_done;
}

}  // namespace plimsoll::cli
