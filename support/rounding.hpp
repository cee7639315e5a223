// Outward rounding of bounds. Sums of at most some thousands of products are exact to a few hundred units in the last
// place; a relative margin of 1e-12 covers them and stays far inside the 1e-9 of "optimal".
#pragma once

namespace plimsoll::support {

inline constexpr double rounding_margin = 1e-12;

// At most the true value, for a computed value of at least 0.
inline double rounded_down(double value) { return value * (1.0 - rounding_margin); }
// At least the true value, for a computed value of at least 0.
inline double rounded_up(double value) { return value * (1.0 + rounding_margin); }

}  // namespace plimsoll::support
