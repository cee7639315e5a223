#include "support/tokens.hpp"

#include <charconv>
#include <cmath>

#include "plimsoll/error.hpp"
#include "support/json_text.hpp"
#include "support/text.hpp"

namespace plimsoll::support {
namespace {

bool is_blank(char character) {
  return character == ' ' || character == '\t' || character == '\n' || character == '\r' || character == '\v' ||
         character == '\f';
}

template <class T>
bool parse_whole_word(std::string_view word, T& value) {
  if (word.starts_with('+')) word.remove_prefix(1);
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  return error == std::errc{} && end == word.data() + word.size();
}

}  // namespace

void Tokens::fail(const std::string& message) const {
  throw Error(ErrorCode::input,
              "line " + std::to_string(line_) + ", number " + std::to_string(in_line_) + ": " + message);
}

void Tokens::skip_blanks() {
  while (!rest_.empty() && is_blank(rest_.front())) {
    if (rest_.front() == '\n') {
      ++line_;
      in_line_ = 0;
    }
    rest_.remove_prefix(1);
  }
}

std::string_view Tokens::take(const std::string& what) {
  skip_blanks();
  if (rest_.empty()) {
    throw Error(ErrorCode::input, "the file ends at line " + std::to_string(line_) + " where " + what + " should stand",
                {}, "Maybe the file is cut off, or of another format.");
  }
  std::size_t length = 0;
  while (length < rest_.size() && !is_blank(rest_[length])) ++length;
  const std::string_view word = rest_.substr(0, length);
  rest_.remove_prefix(length);
  ++in_line_;
  return word;
}

std::int64_t Tokens::whole(const std::string& what, std::int64_t least, std::int64_t most) {
  const std::string_view word = take(what);
  std::int64_t value = 0;
  if (parse_whole_word(word, value) && value >= least && value <= most) return value;
  fail("expected " + what + ", a whole number from " + std::to_string(least) + " to " + std::to_string(most) +
       ", got " + in_quotes(word));
}

double Tokens::number(const std::string& what, double least, double most) {
  const std::string_view word = take(what);
  double value = 0;
  if (parse_whole_word(word, value) && std::isfinite(value) && value >= least && value <= most) return value;
  fail("expected " + what + ", a number from " + number_text(least) + " to " + number_text(most) + ", got " +
       in_quotes(word));
}

bool Tokens::at_end() {
  skip_blanks();
  return rest_.empty();
}

void Tokens::finish(const std::string& expected) {
  if (at_end()) return;
  const std::string_view word = take("the end");
  fail("expected the end of the file after " + expected + ", got " + in_quotes(word));
}

std::size_t Tokens::left() const {
  std::size_t count = 0;
  bool inside = false;
  for (const char character : rest_) {
    const bool blank = is_blank(character);
    count += !blank && !inside ? 1 : 0;
    inside = !blank;
  }
  return count;
}

}  // namespace plimsoll::support
