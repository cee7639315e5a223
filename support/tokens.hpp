// Plain text files of numbers separated by blanks and line ends, as operations research has always kept them. Errors
// name the line and the place in it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace plimsoll::support {

class Tokens {
 public:
  // Views the text, which must live on.
  explicit Tokens(std::string_view text) : rest_(text) {}

  // `what` is how the error calls the number: "the size of item 3". Both ends are included.
  std::int64_t whole(const std::string& what, std::int64_t least, std::int64_t most);
  double number(const std::string& what, double least, double most);
  [[nodiscard]] bool at_end();
  // Throws Error(input) where anything is left.
  void finish(const std::string& expected);
  // Numbers, or whatever stands there, that are left.
  [[nodiscard]] std::size_t left() const;

 private:
  void skip_blanks();
  // The next word; throws where the text is at its end.
  std::string_view take(const std::string& what);
  [[noreturn]] void fail(const std::string& message) const;

  std::string_view rest_;
  std::size_t line_ = 1;
  std::size_t in_line_ = 0;  // words taken from the line
};

}  // namespace plimsoll::support
