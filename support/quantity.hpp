// Amounts for people: four digits and a unit that fits.
#pragma once

#include <string>

namespace plimsoll::support {

std::string duration_text(double seconds);                      // "1.234 s", "12.34 ms", "5.678 µs"
std::string bytes_text(double bytes);                           // "9.4 MB", in powers of a thousand
std::string share_text(double share);                           // "12.3 %" of 0.123
std::string amount_text(double amount);                         // "65536", "6.554e+06"
std::string factor_text(double factor);                         // "1.034"
std::string count_text(double count, const std::string& what);  // "1 layer", "2 layers"

}  // namespace plimsoll::support
