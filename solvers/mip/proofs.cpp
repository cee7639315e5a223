#include "solvers/mip/proofs.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <vector>

#include "plimsoll/error.hpp"

namespace plimsoll::solvers::mip {

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
  [[nodiscard]] double magnitude() const { return magnitude_; }
  [[nodiscard]] double error() const { return unit * static_cast<double>(terms_ + 2) * magnitude_; }

 private:
  double value_ = 0;
  double magnitude_ = 0;
  std::size_t terms_ = 0;
};

// The least of reduced * x over the bounds of x.
double least_product(double reduced, const Variable& variable) {
  if (reduced == 0) return 0;
  return reduced * (reduced > 0 ? variable.lower : variable.upper);
}

// A reduced cost of at most `forgiven` of what went into it counts as 0 where the variable has no bound.
double bound_with(const Model& model, std::span<const double> multipliers, bool costs, double forgiven) {
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
    const Variable& variable = model.variable(j);
    const CarefulSum& sum = reduced[static_cast<std::size_t>(j)];
    // The true reduced cost lies between these two. What x_j adds is concave in it, so the worst is at one of the ends.
    const double least = std::min(least_product(sum.value() - sum.error(), variable),
                                  least_product(sum.value() + sum.error(), variable));
    if (std::isinf(least) && std::abs(sum.value()) <= forgiven * sum.magnitude()) continue;
    if (std::isinf(least)) return -infinity;
    total.add(least);
  }
  return total.value() - 2 * total.error();
}

// Tolerance of a backend, relative to the largest cost and to the largest value.
constexpr double loose = 1e-6;

double largest_cost(const Model& model) {
  double largest = 0;
  for (int j = 0; j < model.variables(); ++j) largest = std::max(largest, std::abs(model.variable(j).cost));
  return largest;
}

// Whether `force` (a reduced cost, a multiplier times its row's largest coefficient) has a bound to lean on.
bool leans(double force, double value, double lower, double upper, double tolerance) {
  if (std::abs(force) <= tolerance) return true;
  const double bound = force > 0 ? lower : upper;
  return std::isfinite(bound) && std::abs(value - bound) <= 10 * loose * std::max(1.0, std::abs(bound));
}

}  // namespace

double dual_bound(const Model& model, std::span<const double> multipliers) {
  return bound_with(model, multipliers, true, 0);
}

bool proves_infeasible(const Model& model, std::span<const double> multipliers) {
  return bound_with(model, multipliers, false, 0) > 0;
}

bool suggests_infeasible(const Model& model, std::span<const double> multipliers) {
  return bound_with(model, multipliers, false, loose) > 0;
}

std::vector<double> hopeless_row(const Model& model) {
  for (int row = 0; row < model.rows(); ++row) {
    double least = 0;
    double most = 0;
    double size = 0;
    for (const auto [index, coefficient] : model.row(row)) {
      const Variable& variable = model.variable(index);
      const double low = coefficient * (coefficient > 0 ? variable.lower : variable.upper);
      const double high = coefficient * (coefficient > 0 ? variable.upper : variable.lower);
      least += low;
      most += high;
      size += std::max(std::isinf(low) ? 0 : std::abs(low), std::isinf(high) ? 0 : std::abs(high));
    }
    const double rounding = unit * static_cast<double>(model.row(row).size() + 2) * size;
    const bool too_small = most + rounding < model.row_lower(row);
    if (!too_small && !(least - rounding > model.row_upper(row))) continue;
    std::vector<double> multipliers(static_cast<std::size_t>(model.rows()), 0.0);
    multipliers[static_cast<std::size_t>(row)] = too_small ? 1 : -1;
    return multipliers;
  }
  return {};
}

bool support_each_other(const Model& model, std::span<const double> point, std::span<const double> multipliers) {
  const double tolerance = loose * largest_cost(model);
  std::vector<double> reduced;
  for (int j = 0; j < model.variables(); ++j) reduced.push_back(model.variable(j).cost);
  for (int row = 0; row < model.rows(); ++row) {
    const double multiplier = multipliers[static_cast<std::size_t>(row)];
    double activity = 0;
    double largest = 0;
    for (const auto [index, coefficient] : model.row(row)) {
      const auto j = static_cast<std::size_t>(index);
      activity += coefficient * point[j];
      largest = std::max(largest, std::abs(coefficient));
      reduced[j] -= multiplier * coefficient;
    }
    if (!leans(multiplier * largest, activity, model.row_lower(row), model.row_upper(row), tolerance)) return false;
  }
  for (int j = 0; j < model.variables(); ++j) {
    const auto index = static_cast<std::size_t>(j);
    const Variable& variable = model.variable(j);
    if (!leans(reduced[index], point[index], variable.lower, variable.upper, tolerance)) return false;
  }
  return true;
}

bool proves_unbounded(const Model& model, std::span<const double> direction) {
  double length = 0;
  for (const double step : direction) length = std::max(length, std::abs(step));
  if (!(length > 0) || !std::isfinite(length)) return false;
  const auto open = [](double step, double lower, double upper, double tolerance) {
    return std::abs(step) <= tolerance || std::isinf(step > 0 ? upper : lower);
  };
  double fall = 0;
  for (int j = 0; j < model.variables(); ++j) {
    const Variable& variable = model.variable(j);
    const double step = direction[static_cast<std::size_t>(j)];
    if (!open(step, variable.lower, variable.upper, 1e-9 * length)) return false;
    fall -= variable.cost * step;
  }
  for (int row = 0; row < model.rows(); ++row) {
    double step = 0;
    double size = 0;
    for (const auto [index, coefficient] : model.row(row)) {
      const double term = coefficient * direction[static_cast<std::size_t>(index)];
      step += term;
      size += std::abs(term);
    }
    if (!open(step, model.row_lower(row), model.row_upper(row), 1e-9 * size)) return false;
  }
  return fall > 1e-9 * largest_cost(model) * length;
}

}  // namespace plimsoll::solvers::mip
