// Colours for amounts: the more, the darker, so that a picture says the same on a screen, on paper and in grey, and to
// eyes that see colours differently.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <vector>

namespace plimsoll::support {

enum class Ramp {
  heat,   // pale yellow over red to nearly black
  ocean,  // pale to dark blue
};

// `count` colours "#rrggbb" of falling lightness, at least one.
std::vector<std::string> shades(Ramp ramp, std::size_t count);

// Lightness L* of CIE 1976 of "#rrggbb", 0 to 100.
double lightness(const std::string& colour);

// Amounts from 0 on in steps; a shade stands for what rounds to a multiple of the step, so that amounts that hardly
// differ from 1 share one.
struct ShadeScale {
  double step = 1;
  std::size_t levels = 1;

  [[nodiscard]] std::size_t level(double amount) const;
};

// The finest scale of at most 42 shades that reaches from 0 to `most` (or to 8: what is more has the last shade); 1 is
// a multiple of its step.
ShadeScale shade_scale(double most);

}  // namespace plimsoll::support
