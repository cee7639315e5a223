#include "cli/stream.hpp"

#include <algorithm>
#include <chrono>
#include <iostream>
#include <string>

#include "cli/errors.hpp"
#include "cli/exit_codes.hpp"
#include "cli/interrupt.hpp"
#include "cli/terminal.hpp"
#include "support/json.hpp"
#include "support/meter.hpp"

namespace plimsoll::cli {

int run_stream(const OpenedInstance& opened, const common::LineStreamOptions& options, bool quiet) {
  const auto& stop = stop_on_signals();
  const auto stream = opened.instance->line_stream(options);
  print_data(stream->opening() + "\n");
  std::size_t number = 0;
  std::size_t answered = 0;
  double longest = 0;
  std::string line;
  while (!stop && std::getline(std::cin, line)) {
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
