// Standard output and standard error: data goes to the one, text for people to the other.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace plimsoll::cli {

// Makes sure that file descriptors 0 to 2 are open (on something that fails or drops), so that no file opened later
// takes their place, and that a reader who goes away is seen as a failed write, not as a signal.
void prepare_standard_streams();

bool output_is_terminal();
// A terminal that can overwrite a line.
bool error_is_terminal();
std::size_t terminal_width();
bool locale_is_utf8();

bool output_is_writable();
// Data on standard output. Throws ReaderGone or Error(file).
void print_data(std::string_view text);
// Text for people on standard error; failing to write it is no reason to stop.
void print_note(std::string_view text) noexcept;

// One line on a terminal that is written again and again.
class StatusLine {
 public:
  explicit StatusLine(bool enabled) : enabled_(enabled) {}
  StatusLine(const StatusLine&) = delete;
  StatusLine& operator=(const StatusLine&) = delete;
  ~StatusLine() { clear(); }

  void show(std::string_view text);
  void clear() noexcept;

 private:
  bool enabled_;
  std::size_t shown_ = 0;  // columns that stand on the line
};

// Six significant digits by default: enough to compare by eye.
std::string readable(double number, int digits = 6);
// Hundredths, for seconds that pass.
std::string fixed(double number);
// A ratio as per cent: 0.0123 is "1.23%".
std::string percent(double ratio);

}  // namespace plimsoll::cli
