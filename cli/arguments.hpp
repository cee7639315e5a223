// Numbers on the command line: the whole text has to be a number in its range, written in decimal.
#pragma once

#include <cstdint>
#include <limits>
#include <string>

namespace plimsoll::cli {

// What a plan file can hold.
inline constexpr std::uint64_t most_whole_number = std::numeric_limits<std::int64_t>::max();

// Both throw Error(usage) that names the option, the range and the text. "1e9" is a whole number too.
std::uint64_t whole_number(const std::string& option, const std::string& text, std::uint64_t least, std::uint64_t most);
double real_number(const std::string& option, const std::string& text, double least, double most,
                   const std::string& expected);

}  // namespace plimsoll::cli
