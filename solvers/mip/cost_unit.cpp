#include "solvers/mip/cost_unit.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>

namespace plimsoll::solvers::mip {

namespace {

double largest_cost(const Model& model) {
  double largest = 0;
  for (int j = 0; j < model.variables(); ++j) largest = std::max(largest, std::abs(model.variable(j).cost));
  return largest;
}

// The exponent of the last binary digit of a number that is not 0.
int last_digit(double number) {
  int exponent = 0;
  const double mantissa = std::frexp(std::abs(number), &exponent);
  const auto digits = static_cast<std::uint64_t>(std::ldexp(mantissa, 53));
  return exponent - 53 + __builtin_ctzll(digits);
}

}  // namespace

double objective_step(const Model& model) {
  int last = 2000;
  for (int j = 0; j < model.variables(); ++j) {
    const Variable& variable = model.variable(j);
    if (variable.cost == 0) continue;
    if (!variable.integer) return 0;
    last = std::min(last, last_digit(variable.cost));
  }
  const double largest = largest_cost(model);
  if (largest == 0 || std::ilogb(largest) - last > 52) return 0;
  std::uint64_t common = 0;
  for (int j = 0; j < model.variables(); ++j) {
    common = std::gcd(common, static_cast<std::uint64_t>(std::ldexp(std::abs(model.variable(j).cost), -last)));
  }
  return std::ldexp(static_cast<double>(common), last);
}

double cost_unit(const Model& model) {
  constexpr double largest_multiple = 1e6;
  const double largest = largest_cost(model);
  if (largest == 0) return 1;
  const double step = objective_step(model);
  return step > 0 && largest <= largest_multiple * step ? step : std::ldexp(1.0, std::ilogb(largest));
}

double lifted_to_step(double bound, double step) {
  if (step == 0 || !std::isfinite(bound)) return bound;
  const double multiple = bound / step;
  const double doubt = std::max(1e-3, 1e-7 * std::abs(multiple));
  if (doubt > 0.1) return bound;
  return std::max(bound, std::ceil(multiple - doubt) * step);
}

}  // namespace plimsoll::solvers::mip
