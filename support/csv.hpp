// Comma-separated values as RFC 4180 has them: quoted fields, doubled quotes, lines that end in LF, CRLF or CR, and a
// byte order mark that is skipped. One row at a time, so that a large file needs no table in memory.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace plimsoll::support {

class CsvReader {
 public:
  // Views the text, which must live on. Throws Error(input) where it is no UTF-8.
  explicit CsvReader(std::string_view text);

  // The next row; false at the end. Empty lines are skipped. Throws Error(input) that names the line.
  bool next(std::vector<std::string>& fields);
  // Where the row that next() gave begins, from 1.
  [[nodiscard]] std::size_t line() const { return row_line_; }
  // Error(input) about the row that next() gave: "line 7: ...".
  [[noreturn]] void fail(const std::string& message, const std::string& advice = {}) const;

 private:
  void read_quoted(std::string& field);
  bool take_line_end();

  std::string_view text_;
  std::size_t place_ = 0;
  std::size_t line_ = 1;
  std::size_t row_line_ = 1;
};

// A field as it stands in a row: in quotes where it holds a comma, a quote or a line end.
std::string csv_field(std::string_view text);

}  // namespace plimsoll::support
