// Strict JSON. Reading: parse() builds a tree that keeps what a permissive reader loses (duplicate keys and numbers
// out of range are errors, integers stay exact); Reader asks it for typed values and reports the file, the JSON
// pointer, the value found and what was expected. Writing: Writer prints numbers so that they read back to the same
// bits.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "plimsoll/error.hpp"

namespace plimsoll::support {

class Json {
 public:
  using Array = std::vector<Json>;
  using Object = std::vector<std::pair<std::string, Json>>;  // in the order of the text
  // std::int64_t where the text is a whole number that fits, double for any other number.
  using Value = std::variant<std::nullptr_t, bool, std::int64_t, double, std::string, Array, Object>;

  Json() = default;
  explicit Json(Value value) : value_(std::move(value)) {}

  [[nodiscard]] const Value& value() const { return value_; }
  [[nodiscard]] bool is_null() const { return std::holds_alternative<std::nullptr_t>(value_); }
  [[nodiscard]] bool is_number() const {
    return std::holds_alternative<std::int64_t>(value_) || std::holds_alternative<double>(value_);
  }
  [[nodiscard]] const Array* array() const { return std::get_if<Array>(&value_); }
  [[nodiscard]] const Object* object() const { return std::get_if<Object>(&value_); }
  [[nodiscard]] const std::string* string() const { return std::get_if<std::string>(&value_); }
  // The member of an object, or null where this is no object or has no such key.
  [[nodiscard]] const Json* find(std::string_view key) const;
  // The value as an error message shows it: short, on one line ("[1, 2, ...] (58 elements)", "\"abc\"", "-3").
  [[nodiscard]] std::string shown() const;

 private:
  Value value_ = nullptr;
};

// Throws Error(input): broken syntax (with line and column), duplicate keys, numbers that no double holds, nesting
// deeper than 64, bytes after the end.
Json parse(std::string_view text);

// Where arrays may be replaced by {"npy": "file"}: the folder such paths are relative to, and the bytes read so far.
struct Attachments {
  std::filesystem::path folder;
  std::vector<std::string> contents;  // of each .npy read, in order; they are part of the instance's identity
};

// A value with its place. Every getter throws Error(input) with pointer() when the type or the range is wrong.
class Reader {
 public:
  Reader(const Json& json, std::string pointer = {}, Attachments* attachments = nullptr)
      : json_(&json), pointer_(std::move(pointer)), attachments_(attachments) {}

  [[nodiscard]] const std::string& pointer() const { return pointer_; }
  [[nodiscard]] const Json& json() const { return *json_; }
  [[nodiscard]] Attachments* attachments() const { return attachments_; }

  // expected says what should stand here: "a whole number of at least 1".
  [[noreturn]] void fail(const std::string& expected, const std::string& advice = {}) const;

  [[nodiscard]] bool boolean() const;
  [[nodiscard]] std::string text() const;
  [[nodiscard]] std::int64_t integer(std::int64_t least, std::int64_t most) const;
  [[nodiscard]] double number(double least, double most) const;  // finite, both ends included

  // Objects: ask for each known key, then call done(), which refuses every key that was not asked for ("x-..." is
  // free).
  [[nodiscard]] Reader member(std::string_view key);  // fails where it is missing
  [[nodiscard]] std::optional<Reader> optional_member(std::string_view key);
  void done() const;

  // Arrays: [rows][columns] or flat, or an .npy file of that shape.
  [[nodiscard]] std::vector<Reader> elements() const;
  [[nodiscard]] std::vector<double> numbers(std::size_t count, double least, double most) const;
  [[nodiscard]] std::vector<std::int64_t> integers(std::size_t count, std::int64_t least, std::int64_t most) const;
  // Row-major [rows][columns].
  [[nodiscard]] std::vector<double> number_table(std::size_t rows, std::size_t columns, double least,
                                                 double most) const;
  [[nodiscard]] std::vector<std::int64_t> integer_table(std::size_t rows, std::size_t columns, std::int64_t least,
                                                        std::int64_t most) const;
  // The same for any number of dimensions, at least 1: arrays of arrays, the last index running fastest. The caller has
  // made sure that the sizes multiply without overflow.
  [[nodiscard]] std::vector<double> number_array(const std::vector<std::size_t>& shape, double least,
                                                 double most) const;
  [[nodiscard]] std::vector<std::int64_t> integer_array(const std::vector<std::size_t>& shape, std::int64_t least,
                                                        std::int64_t most) const;

 private:
  const Json* json_;
  std::string pointer_;
  Attachments* attachments_;
  std::set<std::string, std::less<>> asked_;
};

// Prints a document piece by piece. Objects and arrays of containers are indented by two spaces, arrays of numbers
// stand on one line. Doubles are printed with the fewest digits that read back to the same value; a value that is not
// finite is an internal error.
class Writer {
 public:
  Writer& begin_object();
  // All that stands in it stands on one line.
  Writer& begin_flat_object();
  Writer& begin_flat_array();
  Writer& end_object();
  Writer& begin_array();
  Writer& end_array();
  Writer& key(std::string_view name);
  Writer& value(std::string_view text);
  Writer& value(const char* text) { return value(std::string_view(text)); }
  Writer& value(bool flag);
  Writer& value(std::int64_t number);
  Writer& value(std::uint64_t number);
  Writer& value(int number) { return value(static_cast<std::int64_t>(number)); }
  Writer& value(double number);
  Writer& null();
  // A whole array of numbers on one line.
  template <class Range>
  Writer& line(const Range& numbers) {
    open_line();
    for (const auto& number : numbers) line_value(number);
    return close_line();
  }
  // Text that is JSON already.
  Writer& raw(std::string_view json);
  // The document, ending in a newline.
  [[nodiscard]] std::string take();

 private:
  void separate();
  void flatten();
  void close(char bracket);
  void open_line();
  void line_value(std::int64_t number);
  void line_value(double number);
  void line_value(int number) { line_value(static_cast<std::int64_t>(number)); }
  Writer& close_line();

  std::string text_;
  std::vector<bool> filled_;   // per open container: holds something already
  std::size_t flat_from_ = 0;  // containers that are open at the outermost flat one; 0 outside of it
  bool after_key_ = false;
  bool first_in_line_ = false;
};

}  // namespace plimsoll::support
