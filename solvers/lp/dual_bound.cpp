#include "solvers/lp/dual_bound.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <vector>

#include "plimsoll/error.hpp"

namespace plimsoll::solvers::lp {

namespace {

constexpr double unit = std::numeric_limits<double>::epsilon();

// A sum with a bound on what rounding has done to it: each addition and each product errs by at most `unit` of the
// magnitudes seen so far.
class CarefulSum {
 public:
  void add(double term) {
    value_ += term;
    magnitude_ += std::abs(term);
    ++terms_;
  }
  [[nodiscard]] double value() const { return value_; }
  [[nodiscard]] double error() const { return unit * static_cast<double>(terms_ + 2) * magnitude_; }

 private:
  double value_ = 0;
  double magnitude_ = 0;
  std::size_t terms_ = 0;
};

// The least of reduced * x over the bounds of x.
double least_product(double reduced, const mip::Variable& variable) {
  if (reduced == 0) return 0;
  return reduced * (reduced > 0 ? variable.lower : variable.upper);
}

double bound_with(const mip::Model& model, std::span<const double> multipliers, bool costs) {
  if (multipliers.size() != static_cast<std::size_t>(model.rows())) {
    throw Error(ErrorCode::usage, "there are " + std::to_string(multipliers.size()) + " multipliers for " +
                                      std::to_string(model.rows()) + " rows");
  }
  CarefulSum total;
  std::vector<CarefulSum> reduced(static_cast<std::size_t>(model.variables()));
  for (int j = 0; costs && j < model.variables(); ++j) reduced[static_cast<std::size_t>(j)].add(model.variable(j).cost);
  for (int row = 0; row < model.rows(); ++row) {
    const double multiplier = multipliers[static_cast<std::size_t>(row)];
    if (multiplier == 0 || !std::isfinite(multiplier)) continue;
    const double side = multiplier > 0 ? model.row_lower(row) : model.row_upper(row);
    if (std::isinf(side)) continue;
    total.add(multiplier * side);
    for (const auto [index, coefficient] : model.row(row)) {
      reduced[static_cast<std::size_t>(index)].add(-multiplier * coefficient);
    }
  }
  for (int j = 0; j < model.variables(); ++j) {
    const mip::Variable& variable = model.variable(j);
    const CarefulSum& sum = reduced[static_cast<std::size_t>(j)];
    // The true reduced cost lies between these two. What x_j adds is concave in it, so the worst is at one of the ends.
    const double least = std::min(least_product(sum.value() - sum.error(), variable),
                                  least_product(sum.value() + sum.error(), variable));
    if (std::isinf(least)) return -mip::infinity;
    total.add(least);
  }
  return total.value() - 2 * total.error();
}

}  // namespace

double dual_bound(const mip::Model& model, std::span<const double> multipliers) {
  return bound_with(model, multipliers, true);
}

bool proves_infeasible(const mip::Model& model, std::span<const double> multipliers) {
  return bound_with(model, multipliers, false) > 0;
}

}  // namespace plimsoll::solvers::lp
