// The plain part of YAML, strictly: one document of mappings, sequences and scalars. Tags, anchors, aliases, duplicate
// keys, further documents and deep nesting are errors with line and column, so that nothing means more than it says.
// The only user of yaml-cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace plimsoll::support {

class Yaml {
 public:
  enum class Kind { null, scalar, sequence, mapping };
  using Members = std::vector<std::pair<Yaml, Yaml>>;  // key, value, in the order of the text

  Yaml(Kind kind, std::size_t line, std::size_t column) : kind_(kind), line_(line), column_(column) {}

  [[nodiscard]] Kind kind() const { return kind_; }
  [[nodiscard]] const std::string& text() const { return text_; }  // of a scalar
  [[nodiscard]] bool quoted() const { return quoted_; }

  // Each throws Error(input) with the place where this is something else.
  [[nodiscard]] const std::vector<Yaml>& elements() const;
  [[nodiscard]] const Members& members() const;
  [[nodiscard]] const Yaml* find(std::string_view key) const;  // of a mapping; null where it has no such key
  // A plain decimal number: no quotes, no underscores, no other base.
  [[nodiscard]] std::int64_t integer(std::int64_t least, std::int64_t most) const;

  // "line 3, column 7: expected ..., got ..."
  [[noreturn]] void fail(const std::string& expected, const std::string& advice = {}) const;
  // "line 3, column 7: " and the message.
  [[noreturn]] void refuse(const std::string& message, const std::string& advice = {}) const;

 private:
  friend class YamlBuilder;
  [[nodiscard]] std::string shown() const;

  Kind kind_;
  bool quoted_ = false;
  std::size_t line_;  // both from 1
  std::size_t column_;
  std::string text_;
  std::vector<Yaml> elements_;
  Members members_;
};

// Throws Error(input).
Yaml parse_yaml(std::string_view text);

}  // namespace plimsoll::support
