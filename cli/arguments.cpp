#include "cli/arguments.hpp"

#include <charconv>
#include <cmath>
#include <optional>

#include "plimsoll/error.hpp"
#include "support/text.hpp"

namespace plimsoll::cli {
namespace {

template <class Number>
std::optional<Number> parsed(const std::string& text) {
  Number number{};
  const char* end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, number);
  if (result.ec != std::errc{} || result.ptr != end) return std::nullopt;
  return number;
}

[[noreturn]] void fail(const std::string& option, const std::string& expected, const std::string& text) {
  throw Error(ErrorCode::usage, option + ": expected " + expected + ", got " + support::in_quotes(text));
}

}  // namespace

std::uint64_t whole_number(const std::string& option, const std::string& text, std::uint64_t least,
                           std::uint64_t most) {
  std::optional<std::uint64_t> number = parsed<std::uint64_t>(text);
  if (!number) {
    // 2^53: above it a double no longer tells neighbouring whole numbers apart.
    const std::optional<double> real = parsed<double>(text);
    if (real && *real >= 0 && *real <= 0x1p53 && std::trunc(*real) == *real) {
      number = static_cast<std::uint64_t>(*real);
    }
  }
  if (!number || *number < least || *number > most) {
    fail(option,
         most < most_whole_number ? "a whole number from " + std::to_string(least) + " to " + std::to_string(most)
                                  : "a whole number of at least " + std::to_string(least),
         text);
  }
  return *number;
}

double real_number(const std::string& option, const std::string& text, double least, double most,
                   const std::string& expected) {
  const std::optional<double> number = parsed<double>(text);
  if (!number || !(*number >= least && *number <= most)) fail(option, expected, text);
  return *number;
}

}  // namespace plimsoll::cli
