#include "support/csv.hpp"

#include <algorithm>

#include "plimsoll/error.hpp"
#include "support/text.hpp"

namespace plimsoll::support {

namespace {

constexpr std::size_t kMostFields = 1'000'000;  // of a row; keeps a line of commas from taking all memory

[[noreturn]] void fail_at(std::size_t line, const std::string& message, const std::string& advice = {}) {
  throw Error(ErrorCode::input, "line " + std::to_string(line) + ": " + message, {}, advice);
}

std::size_t line_of(std::string_view text, std::size_t offset) {
  return 1 +
         static_cast<std::size_t>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(offset), '\n'));
}

}  // namespace

CsvReader::CsvReader(std::string_view text) : text_(text) {
  const std::size_t broken = std::min(find_broken_utf8(text), text.find('\0'));
  if (broken != std::string_view::npos) {
    fail_at(line_of(text, broken), "bytes that are no text in UTF-8", "Maybe this is no CSV file.");
  }
  if (text_.substr(0, 3) == "\xef\xbb\xbf") place_ = 3;
}

void CsvReader::fail(const std::string& message, const std::string& advice) const {
  fail_at(row_line_, message, advice);
}

// LF, CRLF or CR; true where one was taken.
bool CsvReader::take_line_end() {
  if (place_ == text_.size()) return false;
  const char character = text_[place_];
  if (character != '\n' && character != '\r') return false;
  place_ += text_.substr(place_, 2) == "\r\n" ? 2 : 1;
  ++line_;
  return true;
}

// From behind the opening quote to behind the closing one.
void CsvReader::read_quoted(std::string& field) {
  const std::size_t opened = line_;
  while (true) {
    const std::size_t quote = text_.find('"', place_);
    if (quote == std::string_view::npos) fail_at(opened, "a quoted field without its closing quote");
    const std::string_view part = text_.substr(place_, quote - place_);
    line_ += static_cast<std::size_t>(std::count(part.begin(), part.end(), '\n'));
    field += part;
    place_ = quote + 1;
    if (place_ == text_.size() || text_[place_] != '"') return;
    field += '"';
    ++place_;
  }
}

bool CsvReader::next(std::vector<std::string>& fields) {
  fields.clear();
  while (take_line_end()) {
  }
  if (place_ == text_.size()) return false;
  row_line_ = line_;
  while (true) {
    if (fields.size() == kMostFields) fail("more than " + std::to_string(kMostFields) + " fields");
    std::string& field = fields.emplace_back();
    if (place_ < text_.size() && text_[place_] == '"') {
      ++place_;
      read_quoted(field);
    } else {
      const std::size_t end = std::min(text_.find_first_of(",\"\r\n", place_), text_.size());
      field = text_.substr(place_, end - place_);
      place_ = end;
    }
    if (place_ == text_.size() || take_line_end()) return true;
    if (text_[place_] != ',') {
      fail_at(line_,
              text_[place_] == '"' ? "a quote inside a field that does not begin with one"
                                   : "text behind the closing quote of a field",
              "Maybe put the whole field in quotes and double the quotes inside.");
    }
    ++place_;
  }
}

std::string csv_field(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string quoted = "\"";
  for (const char character : text) quoted += character == '"' ? std::string("\"\"") : std::string(1, character);
  return quoted + "\"";
}

}  // namespace plimsoll::support
