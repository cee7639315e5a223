#include "planner/experts/convert/options.hpp"

#include <charconv>
#include <cmath>
#include <system_error>

#include "plimsoll/error.hpp"
#include "support/text.hpp"

namespace plimsoll::experts {
namespace {

constexpr std::int64_t most_number = 1'000'000'000'000;  // of a layer or a step in somebody else's counting
constexpr std::size_t most_layers = 100'000;

template <class Number>
std::optional<Number> parsed(std::string_view text) {
  Number number{};
  const char* end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, number);
  if (result.ec != std::errc{} || result.ptr != end) return std::nullopt;
  return number;
}

[[noreturn]] void refuse(std::string_view name, const std::string& expected, const std::string& text) {
  throw Error(ErrorCode::usage,
              "--" + std::string(name) + ": expected " + expected + ", got " + support::in_quotes(text));
}

// "A:B" with 0 <= A < B.
std::optional<Steps> range_of(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto first = whole_number_of(text.substr(0, colon));
  const auto last = whole_number_of(text.substr(colon + 1));
  if (!first || !last || *first < 0 || *last <= *first || *last > most_number) return std::nullopt;
  return Steps{*first, *last};
}

}  // namespace

std::optional<std::int64_t> whole_number_of(std::string_view text) { return parsed<std::int64_t>(text); }

std::optional<double> number_of(std::string_view text) {
  const std::optional<double> number = parsed<double>(text);
  return number && std::isfinite(*number) ? number : std::nullopt;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::optional<std::string> ConvertOptions::text(std::string_view name) const {
  const auto found = values_->find(name);
  if (found == values_->end() || found->second.empty()) return std::nullopt;
  if (found->second.size() > 1) throw Error(ErrorCode::usage, "--" + std::string(name) + " is given twice");
  return found->second.front();
}

std::optional<std::int64_t> ConvertOptions::whole(std::string_view name, std::int64_t least, std::int64_t most) const {
  const std::optional<std::string> given = text(name);
  if (!given) return std::nullopt;
  const std::optional<std::int64_t> number = whole_number_of(*given);
  if (!number || *number < least || *number > most) {
    refuse(name, "a whole number from " + std::to_string(least) + " to " + std::to_string(most), *given);
  }
  return number;
}

std::optional<Steps> ConvertOptions::steps() const {
  const std::optional<std::int64_t> one = whole("step", 0, most_number);
  const std::optional<std::string> given = text("steps");
  if (one && given) throw Error(ErrorCode::usage, "only one of --step and --steps can be given");
  if (one) return Steps{*one, *one + 1};
  if (!given) return std::nullopt;
  const std::optional<Steps> steps = range_of(*given);
  if (!steps) refuse("steps", "a range A:B of steps from A up to, but not including, B", *given);
  return steps;
}

std::optional<std::vector<std::int64_t>> ConvertOptions::layers() const {
  const std::optional<std::string> given = text("layers");
  if (!given) return std::nullopt;
  const auto wrong = [&] { refuse("layers", "ascending numbers and ranges, such as 0,7,15 or 3:61", *given); };
  std::vector<std::int64_t> layers;
  std::string_view rest = *given;
  while (true) {
    const std::string_view part = rest.substr(0, rest.find(','));
    const std::optional<std::int64_t> one = whole_number_of(part);
    const std::optional<Steps> range = one ? Steps{*one, *one + 1} : range_of(part);
    if (!range || range->first < 0 || range->last > most_number) wrong();
    if (!layers.empty() && range->first <= layers.back()) wrong();
    if (static_cast<std::size_t>(range->last - range->first) > most_layers - layers.size()) {
      refuse("layers", "at most " + std::to_string(most_layers) + " layers", *given);
    }
    for (std::int64_t layer = range->first; layer < range->last; ++layer) layers.push_back(layer);
    if (part.size() == rest.size()) return layers;
    rest.remove_prefix(part.size() + 1);
  }
}

std::vector<std::pair<std::string, std::string>> ConvertOptions::where() const {
  std::vector<std::pair<std::string, std::string>> conditions;
  const auto found = values_->find("where");
  if (found == values_->end()) return conditions;
  for (const std::string& given : found->second) {
    const std::size_t sign = given.find('=');
    if (sign == 0 || sign == std::string::npos) refuse("where", "COLUMN=VALUE", given);
    conditions.emplace_back(given.substr(0, sign), given.substr(sign + 1));
  }
  return conditions;
}

}  // namespace plimsoll::experts
