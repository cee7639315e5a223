// The values that `generate` was given for a problem's options, read strictly.
#pragma once

#include <initializer_list>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "planner/common/problem.hpp"

namespace plimsoll::common {

class GenerateValues {
 public:
  using Given = std::map<std::string, std::string, std::less<>>;

  // Both must live on. Throws Error(usage) for a value that no option asks for.
  GenerateValues(std::string_view problem, std::span<const GenerateOption> options, const Given& given);

  // The value, or the option's default. The others throw Error(usage) for a value that does not fit.
  [[nodiscard]] std::string text(std::string_view name) const;
  [[nodiscard]] double number(std::string_view name, double least, double most) const;
  [[nodiscard]] int whole(std::string_view name, int least, int most) const;
  [[nodiscard]] std::string one_of(std::string_view name, std::initializer_list<std::string_view> known) const;

  // Options that mean nothing here must be at their default; `condition` is what they need, or what they do not go
  // with.
  void refuse_unless(std::string_view condition, std::span<const std::string_view> names) const;
  void refuse_where(std::string_view condition, std::span<const std::string_view> names) const;

 private:
  [[nodiscard]] std::string_view fallback(std::string_view name) const;

  std::span<const GenerateOption> options_;
  const Given& given_;
};

}  // namespace plimsoll::common
