#include "planner/experts/exact/lattice.hpp"

#include <algorithm>

namespace plimsoll::experts {
namespace {

constexpr double finest = 1e-4;  // of the largest value

// Euclid's algorithm on numbers that are known to rounding.
double common_unit(double left, double right, double tolerance) {
  while (right > tolerance) {
    const double rest = left - right * std::floor(left / right);
    left = right;
    right = std::min(rest, std::abs(left - rest));  // a rest just below the divisor is rounding too
  }
  return left;
}

bool is_multiple(double value, double unit) {
  const double times = value / unit;
  return std::abs(times - std::round(times)) <= 1e-13 * (1 + times);
}

}  // namespace

Lattice::Lattice(std::span<const double> values) {
  double largest = 0;
  for (const double value : values) largest = std::max(largest, value);
  if (!(largest > 0) || !std::isfinite(largest)) return;
  double unit = largest;
  for (const double value : values) {
    if (value > 0) unit = common_unit(std::max(unit, value), std::min(unit, value), finest / 10 * largest);
    if (unit < finest * largest) return;
  }
  // Euclid's divisions have added up errors; the unit is as exact as the largest value is.
  unit = largest / std::round(largest / unit);
  for (const double value : values) {
    if (!is_multiple(value, unit)) return;
  }
  unit_ = unit;
}

}  // namespace plimsoll::experts
