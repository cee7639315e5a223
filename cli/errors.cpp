#include "cli/errors.hpp"

#include <exception>
#include <new>
#include <string_view>

#include "cli/exit_codes.hpp"
#include "cli/terminal.hpp"

namespace plimsoll::cli {
namespace {

// File names and input values may hold any byte; one error stays one line and never moves a terminal's cursor.
std::string on_one_line(std::string_view text) {
  std::string line;
  for (const char character : text) {
    const auto byte = static_cast<unsigned char>(character);
    line += byte < 0x20 || byte == 0x7f ? ' ' : character;
  }
  while (!line.empty() && line.back() == ' ') line.pop_back();
  return line;
}

}  // namespace

void report(const std::string& source, const std::string& pointer, const std::string& message,
            const std::string& advice) {
  std::string line = "plimsoll: ";
  if (!source.empty()) line += source + ": ";
  if (!pointer.empty()) line += pointer + ": ";
  line += message;
  if (!advice.empty()) line += (message.ends_with('.') ? " " : ". ") + advice;
  print_note(on_one_line(line) + "\n");
}

int report_exception() noexcept {
  // The outer try is for the memory that the message itself needs.
  try {
    try {
      throw;
    } catch (const ReaderGone&) {
      return exit_bad;
    } catch (const FileFault& fault) {
      report(fault.source() == "-" ? "standard input" : fault.source(), fault.pointer(), fault.what(), fault.advice());
      return fault.code() == ErrorCode::internal ? exit_internal : exit_bad;
    } catch (const Error& error) {
      report("", error.pointer(), error.what(), error.advice());
      return error.code() == ErrorCode::internal ? exit_internal : exit_bad;
    } catch (const std::bad_alloc&) {
      print_note("plimsoll: not enough memory\n");
    } catch (const std::exception& error) {
      report("", "", std::string("internal error: ") + error.what(), "Maybe report it together with the instance.");
    } catch (...) {
      print_note("plimsoll: internal error\n");
    }
  } catch (...) {
    print_note("plimsoll: not enough memory\n");
  }
  return exit_internal;
}

}  // namespace plimsoll::cli
