// The one exception type of the library. An error names the place in the input (a JSON pointer), says what is wrong
// with which value, and where possible what to do about it.
#pragma once

#include <stdexcept>
#include <string>
#include <utility>

#include "plimsoll/export.h"

namespace plimsoll {

enum class ErrorCode {
  usage,        // a call or a command line that makes no sense
  input,        // an instance or a plan that breaks the format
  unsupported,  // a method that cannot honour a constraint of this instance
  file,         // a file that cannot be read or written
  memory,       // there was not enough memory; nothing is lost but this call's result
  internal,     // a broken promise of this library: please report it
};

class PLIMSOLL_API Error : public std::runtime_error {
 public:
  Error(ErrorCode code, std::string message, std::string pointer = {}, std::string advice = {})
      : std::runtime_error(message), code_(code), pointer_(std::move(pointer)), advice_(std::move(advice)) {}

  [[nodiscard]] ErrorCode code() const { return code_; }
  // RFC 6901 pointer into the input, empty where the error has no place.
  [[nodiscard]] const std::string& pointer() const { return pointer_; }
  // One sentence that starts with "Maybe", or empty.
  [[nodiscard]] const std::string& advice() const { return advice_; }

 private:
  ErrorCode code_;
  std::string pointer_;
  std::string advice_;
};

}  // namespace plimsoll
