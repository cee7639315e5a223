#include "support/quantity.hpp"

#include <array>
#include <cmath>
#include <cstdio>

namespace plimsoll::support {
namespace {

std::string shown(const char* format, double value) {
  char text[64];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

}  // namespace

std::string duration_text(double seconds) {
  const double size = std::abs(seconds);
  if (size == 0) return "0 s";
  if (size < 0.99995e-3) return shown("%.4g", seconds * 1e6) + " \xc2\xb5s";
  if (size < 0.99995) return shown("%.4g", seconds * 1e3) + " ms";
  return shown("%.4g", seconds) + " s";
}

std::string bytes_text(double bytes) {
  constexpr std::array<const char*, 6> units = {"B", "kB", "MB", "GB", "TB", "PB"};
  std::size_t unit = 0;
  while (unit + 1 < units.size() && std::abs(bytes) >= 999.95) {
    bytes /= 1000;
    ++unit;
  }
  return shown("%.4g", bytes) + " " + units[unit];
}

std::string share_text(double share) {
  const double percent = 100 * share;
  if (percent == 0) return "0 %";
  return shown(std::abs(percent) < 0.1 ? "%.2g" : std::abs(percent) < 10 ? "%.2f" : "%.1f", percent) + " %";
}

std::string amount_text(double amount) { return shown(std::abs(amount) < 1e6 ? "%.6g" : "%.4g", amount); }

std::string factor_text(double factor) { return shown(std::abs(factor) < 100 ? "%.3f" : "%.4g", factor); }

std::string count_text(double count, const std::string& what) {
  return shown("%.0f", count) + " " + what + (count == 1 ? "" : "s");
}

}  // namespace plimsoll::support
