#include "cli/terminal.hpp"

#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "cli/errors.hpp"

namespace plimsoll::cli {
namespace {

// Returns 0 or the error number.
int write_all(int descriptor, std::string_view text) noexcept {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

}  // namespace

void prepare_standard_streams() {
  for (int descriptor = 0; descriptor <= 2; ++descriptor) {
    if (::fcntl(descriptor, F_GETFD) != -1 || errno != EBADF) continue;
    // Opened the wrong way round on purpose: reading input or writing output must fail, notes are dropped.
    const int opened = ::open("/dev/null", descriptor == 1 ? O_RDONLY : O_WRONLY);
    if (opened != descriptor && opened >= 0) ::close(opened);
  }
  std::signal(SIGPIPE, SIG_IGN);
}

bool output_is_terminal() { return ::isatty(STDOUT_FILENO) == 1; }

bool output_is_writable() {
  const int flags = ::fcntl(STDOUT_FILENO, F_GETFL);
  return flags != -1 && (flags & O_ACCMODE) != O_RDONLY;
}

bool error_is_terminal() {
  const char* kind = std::getenv("TERM");
  return ::isatty(STDERR_FILENO) == 1 && (kind == nullptr || std::strcmp(kind, "dumb") != 0);
}

std::size_t terminal_width() {
  winsize size{};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 20) return size.ws_col;
  return 80;
}

bool locale_is_utf8() {
  // A locale object of our own: the process's locale stays "C", so numbers keep their decimal point.
  const locale_t locale = ::newlocale(LC_CTYPE_MASK, "", nullptr);
  if (locale == nullptr) return false;
  const bool utf8 = std::strcmp(::nl_langinfo_l(CODESET, locale), "UTF-8") == 0;
  ::freelocale(locale);
  return utf8;
}

void print_data(std::string_view text) {
  const int error = write_all(STDOUT_FILENO, text);
  if (error == EPIPE) throw ReaderGone{};
  if (error != 0) {
    throw Error(ErrorCode::file, std::string("cannot write to standard output: ") + std::strerror(error));
  }
}

void print_note(std::string_view text) noexcept { write_all(STDERR_FILENO, text); }

void StatusLine::show(std::string_view text) {
  if (!enabled_) return;
  // The last column stays free: writing there would wrap the line and leave it behind.
  const std::string_view visible = text.substr(0, terminal_width() - 1);
  std::string line = "\r";
  line += visible;
  if (shown_ > visible.size()) line.append(shown_ - visible.size(), ' ');
  shown_ = visible.size();
  print_note(line);
}

void StatusLine::clear() noexcept {
  if (shown_ == 0) return;
  print_note("\r");
  for (; shown_ > 0; --shown_) print_note(" ");
  print_note("\r");
}

std::string readable(double number, int digits) {
  char text[40];
  std::snprintf(text, sizeof text, "%.*g", digits, number);
  return text;
}

std::string fixed(double number) {
  char text[40];
  std::snprintf(text, sizeof text, "%.2f", number);
  return text;
}

std::string percent(double ratio) {
  char text[40];
  std::snprintf(text, sizeof text, "%.3g%%", ratio * 100);
  return text;
}

}  // namespace plimsoll::cli
