// Errors as the user sees them: one line on standard error that names the file, the place in it and the way out.
#pragma once

#include <string>
#include <utility>

#include "plimsoll/error.hpp"

namespace plimsoll::cli {

// An error of the library together with the file that it is about ("-": standard input or output).
class FileFault : public Error {
 public:
  FileFault(std::string source, const Error& error)
      : Error(error.code(), error.what(), error.pointer(), error.advice()), source_(std::move(source)) {}

  [[nodiscard]] const std::string& source() const { return source_; }

 private:
  std::string source_;
};

// The reader of standard output went away: nothing is left to do, and nobody to tell.
struct ReaderGone {};

// Runs `action`; an Error that leaves it gets the file's name. Errors of reading and writing have it in their message.
template <class Action>
auto about_file(const std::string& source, Action&& action) {
  try {
    return std::forward<Action>(action)();
  } catch (const FileFault&) {
    throw;
  } catch (const Error& error) {
    if (error.code() == ErrorCode::file) throw;
    throw FileFault(source, error);
  }
}

// To be called in a catch block: prints the line for the exception in flight and returns the exit code.
int report_exception() noexcept;

// Prints "plimsoll: source: pointer: message. Advice" as one line; empty parts are left out.
void report(const std::string& source, const std::string& pointer, const std::string& message,
            const std::string& advice);

}  // namespace plimsoll::cli
