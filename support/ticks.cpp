#include "support/ticks.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace plimsoll::support {
namespace {

std::string shown(double value) {
  char text[40];
  std::snprintf(text, sizeof text, "%.6g", value);
  return text;
}

// 1, 2 or 5 times a power of ten, such that about `most` steps cover the span.
double nice_step(double span, int most) {
  const double rough = span / std::max(1, most);
  const double power = std::pow(10.0, std::floor(std::log10(rough)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= rough * (1 - 1e-9)) return factor * power;
  }
  return 10 * power;
}

std::vector<double> logarithmic_ticks(const Axis& axis, int most) {
  const int first = static_cast<int>(std::ceil(std::log10(axis.low) - 1e-9));
  const int last = static_cast<int>(std::floor(std::log10(axis.high) + 1e-9));
  const int decades = last - first + 1;
  std::vector<double> found;
  const auto add = [&](double value) {
    if (value >= axis.low * (1 - 1e-9) && value <= axis.high * (1 + 1e-9)) found.push_back(value);
  };
  // Within a decade or two its parts have room, too.
  const double span = std::log10(axis.high / axis.low);
  if (span <= 2.3) {
    const std::vector<int> parts = span <= 1.3 ? std::vector<int>{1, 2, 5} : std::vector<int>{1, 3};
    for (int power = first - 1; power <= last; ++power) {
      for (const int part : parts) add(part * std::pow(10.0, power));
    }
    return found;
  }
  const int stride = std::max(1, (decades + most - 1) / std::max(1, most));
  for (int power = first; power <= last; power += stride) add(std::pow(10.0, power));
  return found;
}

}  // namespace

Axis widened(Axis axis) {
  const auto usable = [](double end) { return std::isfinite(end) && std::abs(end) < 1e300; };
  if (!usable(axis.low)) axis.low = axis.logarithmic ? 0.1 : 0;
  if (!usable(axis.high)) axis.high = axis.low;
  if (axis.high < axis.low) std::swap(axis.low, axis.high);
  if (axis.logarithmic) {
    if (!(axis.low > 1e-300)) axis.low = axis.high > 1e-297 ? axis.high / 1000 : 0.1;
    axis.high = std::max(axis.high, axis.low);
    if (axis.high < axis.low * 2) axis.high = axis.low * 10;
    return axis;
  }
  const double scale = std::max(std::abs(axis.low), std::abs(axis.high));
  if (!(axis.high - axis.low > 1e-12 * scale)) axis.high = axis.low + std::max(1e-12, scale > 0 ? 0.1 * scale : 1.0);
  return axis;
}

std::vector<double> ticks(const Axis& axis, int most) {
  if (axis.logarithmic) return logarithmic_ticks(axis, most);
  const double step = nice_step(axis.high - axis.low, most);
  std::vector<double> found;
  for (double k = std::ceil(axis.low / step - 1e-9); k * step <= axis.high + 1e-9 * step; ++k) {
    found.push_back(k * step + 0.0);  // no -0
    if (found.size() > 1000) break;
  }
  return found;
}

std::string tick_label(Unit unit, double value) {
  if (unit == Unit::percent) return shown(100 * value) + " %";
  if (unit == Unit::number || value == 0) return shown(value) + (unit == Unit::seconds ? " s" : "");
  const double size = std::abs(value);
  if (size < 0.9995e-3) return shown(value * 1e6) + " \xc2\xb5s";
  if (size < 0.0995) return shown(value * 1e3) + " ms";
  return shown(value) + " s";
}

double position(const Axis& axis, double value) {
  if (std::isnan(value)) return 0;
  const double part = axis.logarithmic
                          ? (value <= axis.low ? 0.0 : std::log(value / axis.low) / std::log(axis.high / axis.low))
                          : (value - axis.low) / (axis.high - axis.low);
  return std::clamp(part, 0.0, 1.0);
}

}  // namespace plimsoll::support
