#include "support/shades.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace plimsoll::support {
namespace {

using Colour = std::array<double, 3>;

constexpr double most_levels = 42;

// Brewer's sequential schemes "YlOrRd" and "Blues" (colorbrewer2.org), drawn out at the dark end.
constexpr std::array<Colour, 9> heat = {{{255, 252, 226},
                                         {255, 239, 170},
                                         {254, 218, 122},
                                         {254, 180, 81},
                                         {252, 141, 60},
                                         {236, 84, 40},
                                         {198, 26, 34},
                                         {130, 4, 40},
                                         {58, 0, 30}}};
constexpr std::array<Colour, 9> ocean = {{{240, 246, 252},
                                          {216, 230, 245},
                                          {188, 214, 236},
                                          {147, 196, 223},
                                          {100, 168, 210},
                                          {62, 137, 193},
                                          {29, 104, 170},
                                          {9, 72, 134},
                                          {6, 40, 88}}};

double channel_of(const std::string& colour, std::size_t index) {
  const double value = static_cast<double>(std::stoi(colour.substr(1 + 2 * index, 2), nullptr, 16)) / 255;
  return value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);  // sRGB, IEC 61966-2-1
}

}  // namespace

std::vector<std::string> shades(Ramp ramp, std::size_t count) {
  const auto& anchors = ramp == Ramp::heat ? heat : ocean;
  std::vector<std::string> list;
  for (std::size_t k = 0; k < std::max<std::size_t>(1, count); ++k) {
    const double place = count < 2 ? 0 : static_cast<double>(k) * 8 / static_cast<double>(count - 1);
    const auto below = std::min<std::size_t>(7, static_cast<std::size_t>(place));
    const double part = place - static_cast<double>(below);
    char text[8];
    std::array<int, 3> mixed{};
    for (std::size_t c = 0; c < 3; ++c) {
      mixed[c] = static_cast<int>(std::lround(anchors[below][c] * (1 - part) + anchors[below + 1][c] * part)) & 0xff;
    }
    std::snprintf(text, sizeof text, "#%02x%02x%02x", mixed[0], mixed[1], mixed[2]);
    list.emplace_back(text);
  }
  return list;
}

double lightness(const std::string& colour) {
  const double y = 0.2126 * channel_of(colour, 0) + 0.7152 * channel_of(colour, 1) + 0.0722 * channel_of(colour, 2);
  return y <= 216.0 / 24389 ? y * 24389.0 / 27 : 116 * std::cbrt(y) - 16;
}

std::size_t ShadeScale::level(double amount) const {
  if (!(amount > 0)) return 0;
  const double last = static_cast<double>(levels - 1);
  return static_cast<std::size_t>(std::min(last, std::round(amount / step)));
}

ShadeScale shade_scale(double most) {
  const double reach = std::clamp(most, 1.0, 8.0);
  for (const double step : {0.05, 0.1}) {
    const double levels = std::ceil(reach / step - 0.5) + 1;
    if (levels <= most_levels) return {step, static_cast<std::size_t>(levels)};
  }
  return {0.2, static_cast<std::size_t>(std::ceil(reach / 0.2 - 0.5)) + 1};
}

}  // namespace plimsoll::support
