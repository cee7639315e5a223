#include <cmath>

#include "support/json.hpp"
#include "support/json_text.hpp"
#include "support/text.hpp"

namespace plimsoll::support {

namespace {

constexpr std::size_t kIndent = 2;

std::string spelled(double number) {
  if (!std::isfinite(number)) {
    throw Error(ErrorCode::internal, "a number to be written is not finite: " + number_text(number));
  }
  return number_text(number);
}

std::string spelled(std::string_view text) {
  if (find_broken_utf8(text) != std::string_view::npos) {
    throw Error(ErrorCode::input, "the text " + in_quotes(text) + " is not UTF-8");
  }
  return in_quotes(text, text.size());
}

}  // namespace

void Writer::close(char bracket) {
  if (filled_.empty()) throw Error(ErrorCode::internal, "a container of a document was closed twice");
  const bool holds_something = filled_.back();
  const bool flat = flat_from_ > 0;
  if (flat_from_ == filled_.size()) flat_from_ = 0;
  filled_.pop_back();
  if (holds_something && !flat) {
    text_ += '\n';
    text_.append(kIndent * filled_.size(), ' ');
  }
  text_ += bracket;
}

// Puts what must stand before the next value: nothing after a key, else a comma and a new line.
void Writer::separate() {
  if (after_key_) {
    after_key_ = false;
    return;
  }
  if (filled_.empty()) return;
  if (filled_.back()) text_ += flat_from_ > 0 ? ", " : ",";
  filled_.back() = true;
  if (flat_from_ > 0) return;
  text_ += '\n';
  text_.append(kIndent * filled_.size(), ' ');
}

Writer& Writer::begin_object() {
  separate();
  text_ += '{';
  filled_.push_back(false);
  return *this;
}

void Writer::flatten() {
  if (flat_from_ == 0) flat_from_ = filled_.size();
}

Writer& Writer::begin_flat_object() {
  begin_object();
  flatten();
  return *this;
}

Writer& Writer::begin_flat_array() {
  begin_array();
  flatten();
  return *this;
}

Writer& Writer::begin_array() {
  separate();
  text_ += '[';
  filled_.push_back(false);
  return *this;
}

Writer& Writer::end_object() {
  close('}');
  return *this;
}

Writer& Writer::end_array() {
  close(']');
  return *this;
}

Writer& Writer::key(std::string_view name) {
  separate();
  text_ += spelled(name);
  text_ += ": ";
  after_key_ = true;
  return *this;
}

Writer& Writer::value(std::string_view text) {
  separate();
  text_ += spelled(text);
  return *this;
}

Writer& Writer::value(bool flag) {
  separate();
  text_ += flag ? "true" : "false";
  return *this;
}

Writer& Writer::value(std::int64_t number) {
  separate();
  text_ += std::to_string(number);
  return *this;
}

Writer& Writer::value(std::uint64_t number) {
  separate();
  text_ += std::to_string(number);
  return *this;
}

Writer& Writer::value(double number) {
  separate();
  text_ += spelled(number);
  return *this;
}

Writer& Writer::null() {
  separate();
  text_ += "null";
  return *this;
}

// A line break inside JSON text is never part of a string, so indenting every line changes nothing but the looks.
Writer& Writer::raw(std::string_view json) {
  separate();
  while (!json.empty() && json.back() == '\n') json.remove_suffix(1);
  for (const char character : json) {
    text_ += character;
    if (character == '\n') text_.append(kIndent * filled_.size(), ' ');
  }
  return *this;
}

std::string Writer::take() {
  if (!filled_.empty() || after_key_) throw Error(ErrorCode::internal, "a document was taken before its end");
  text_ += '\n';
  return std::move(text_);
}

void Writer::open_line() {
  separate();
  text_ += '[';
  first_in_line_ = true;
}

void Writer::line_value(std::int64_t number) {
  if (!first_in_line_) text_ += ", ";
  first_in_line_ = false;
  text_ += std::to_string(number);
}

void Writer::line_value(double number) {
  if (!first_in_line_) text_ += ", ";
  first_in_line_ = false;
  text_ += spelled(number);
}

Writer& Writer::close_line() {
  text_ += ']';
  return *this;
}

}  // namespace plimsoll::support
