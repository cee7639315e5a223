// The options of a conversion as typed values. Every getter throws Error(usage) that names the option.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "planner/common/conversion.hpp"

namespace plimsoll::experts {

// From `first` up to, but not including, `last`.
struct Steps {
  std::int64_t first = 0;
  std::int64_t last = 0;
  [[nodiscard]] bool contains(std::int64_t step) const { return step >= first && step < last; }
};

class ConvertOptions {
 public:
  explicit ConvertOptions(const common::ConvertValues& values) : values_(&values) {}

  [[nodiscard]] std::optional<std::string> text(std::string_view name) const;
  [[nodiscard]] std::optional<std::int64_t> whole(std::string_view name, std::int64_t least, std::int64_t most) const;
  // --step N or --steps A:B.
  [[nodiscard]] std::optional<Steps> steps() const;
  // --layers: numbers and ranges A:B (without B), such as "0,7,15" or "3:61"; ascending, none twice.
  [[nodiscard]] std::optional<std::vector<std::int64_t>> layers() const;
  // --where COLUMN=VALUE, as often as it was given.
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> where() const;

 private:
  const common::ConvertValues* values_;
};

// The whole text as a decimal number; nothing where it is anything else.
std::optional<std::int64_t> whole_number_of(std::string_view text);
// Also "1e3" and "2.5"; finite.
std::optional<double> number_of(std::string_view text);
// Without spaces and tabs at both ends.
std::string_view trimmed(std::string_view text);

}  // namespace plimsoll::experts
