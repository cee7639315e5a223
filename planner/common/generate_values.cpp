#include "planner/common/generate_values.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "plimsoll/error.hpp"
#include "support/json_text.hpp"

namespace plimsoll::common {

GenerateValues::GenerateValues(std::string_view problem, std::span<const GenerateOption> options, const Given& given)
    : options_(options), given_(given) {
  for (const auto& entry : given) {
    const bool known =
        std::any_of(options.begin(), options.end(), [&](const auto& option) { return option.name == entry.first; });
    if (known) continue;
    throw Error(ErrorCode::usage, "generate " + std::string(problem) + " has no option --" + entry.first, {},
                "Maybe see 'plimsoll generate " + std::string(problem) + " --help'.");
  }
}

std::string_view GenerateValues::fallback(std::string_view name) const {
  return std::find_if(options_.begin(), options_.end(), [&](const auto& known) { return known.name == name; })
      ->fallback;
}

std::string GenerateValues::text(std::string_view name) const {
  const auto found = given_.find(name);
  return found != given_.end() ? found->second : std::string(fallback(name));
}

void GenerateValues::refuse_unless(std::string_view condition, std::span<const std::string_view> names) const {
  for (const std::string_view name : names) {
    if (text(name) == fallback(name)) continue;
    throw Error(ErrorCode::usage, "--" + std::string(name) + " has no meaning without " + std::string(condition));
  }
}

void GenerateValues::refuse_where(std::string_view condition, std::span<const std::string_view> names) const {
  for (const std::string_view name : names) {
    if (text(name) == fallback(name)) continue;
    throw Error(ErrorCode::usage, "--" + std::string(name) + " has no meaning with " + std::string(condition));
  }
}

double GenerateValues::number(std::string_view name, double least, double most) const {
  const std::string value = text(name);
  double parsed = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), parsed);
  if (error == std::errc{} && end == value.data() + value.size() && parsed >= least && parsed <= most) return parsed;
  throw Error(ErrorCode::usage, "--" + std::string(name) + ": expected a number from " + support::number_text(least) +
                                    " to " + support::number_text(most) + ", got \"" + value + "\"");
}

int GenerateValues::whole(std::string_view name, int least, int most) const {
  const double value = number(name, least, most);
  if (value == std::floor(value)) return static_cast<int>(value);
  throw Error(ErrorCode::usage, "--" + std::string(name) + ": expected a whole number, got \"" + text(name) + "\"");
}

std::string GenerateValues::one_of(std::string_view name, std::initializer_list<std::string_view> known) const {
  const std::string value = text(name);
  std::string list;
  for (const std::string_view word : known) {
    if (value == word) return value;
    list += (list.empty() ? "" : ", ") + std::string(word);
  }
  throw Error(ErrorCode::usage, "--" + std::string(name) + ": expected one of " + list + ", got \"" + value + "\"");
}

}  // namespace plimsoll::common
