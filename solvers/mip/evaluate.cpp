#include "solvers/mip/evaluate.hpp"

#include <algorithm>
#include <cmath>

#include "plimsoll/error.hpp"
#include "support/text.hpp"

namespace plimsoll::solvers::mip {

namespace {

// Neumaier's sum: rows of thousands of terms of both signs stay exact to the last places.
class Sum {
 public:
  void add(double term) {
    const double next = total_ + term;
    lost_ += std::abs(total_) >= std::abs(term) ? (total_ - next) + term : (term - next) + total_;
    total_ = next;
  }
  [[nodiscard]] double value() const { return total_ + lost_; }

 private:
  double total_ = 0;
  double lost_ = 0;
};

// How far `value` lies outside, relative to the bound that it misses. NaN is infinitely far.
double miss(double value, double lower, double upper) {
  if (!std::isfinite(value)) return infinity;
  if (value < lower) return (lower - value) / std::max(1.0, std::abs(lower));
  if (value > upper) return (value - upper) / std::max(1.0, std::abs(upper));
  return 0;
}

std::string place(const char* kind, int index, const std::string& name) {
  return std::string(kind) + " " + std::to_string(index) + (name.empty() ? "" : " (" + support::in_quotes(name) + ")");
}

void check_size(const Model& model, std::span<const double> point) {
  if (point.size() == static_cast<std::size_t>(model.variables())) return;
  throw Error(ErrorCode::usage, "the point has " + std::to_string(point.size()) + " values, but the model has " +
                                    std::to_string(model.variables()) + " variables");
}

}  // namespace

Evaluation evaluate(const Model& model, std::span<const double> point) {
  check_size(model, point);
  Evaluation result;
  Sum objective;
  int worst_variable = -1;
  for (int j = 0; j < model.variables(); ++j) {
    const Variable& variable = model.variable(j);
    const double value = point[static_cast<std::size_t>(j)];
    objective.add(variable.cost * value);
    const double missed = miss(value, variable.lower, variable.upper);
    if (missed > result.violation) {
      result.violation = missed;
      worst_variable = j;
    }
    if (variable.integer) {
      const double fraction = std::isfinite(value) ? std::abs(value - std::round(value)) : infinity;
      result.fraction = std::max(result.fraction, fraction);
    }
  }
  result.objective = objective.value();
  int worst_row = -1;
  for (int row = 0; row < model.rows(); ++row) {
    Sum activity;
    for (const auto [index, coefficient] : model.row(row)) {
      activity.add(coefficient * point[static_cast<std::size_t>(index)]);
    }
    const double missed = miss(activity.value(), model.row_lower(row), model.row_upper(row));
    if (missed > result.violation) {
      result.violation = missed;
      worst_row = row;
    }
  }
  if (worst_row >= 0) {
    result.most_violated = place("row", worst_row, model.row_name(worst_row));
  } else if (worst_variable >= 0) {
    result.most_violated = place("variable", worst_variable, model.variable(worst_variable).name);
  }
  return result;
}

std::vector<double> tidied(const Model& model, std::span<const double> point) {
  std::vector<double> result(point.begin(), point.end());
  check_size(model, point);
  for (int j = 0; j < model.variables(); ++j) {
    double& value = result[static_cast<std::size_t>(j)];
    if (model.variable(j).integer && std::abs(value - std::round(value)) <= rounding_tolerance)
      value = std::round(value);
  }
  return tidied_continuous(model, result);
}

std::vector<double> tidied_continuous(const Model& model, std::span<const double> point) {
  check_size(model, point);
  std::vector<double> result(point.begin(), point.end());
  for (int j = 0; j < model.variables(); ++j) {
    const Variable& variable = model.variable(j);
    double& value = result[static_cast<std::size_t>(j)];
    if (miss(value, variable.lower, variable.upper) <= feasibility_tolerance) {
      value = std::clamp(value, variable.lower, variable.upper);
    }
    value += 0.0;
  }
  return result;
}

double trivial_bound(const Model& model) {
  Sum sum;
  for (int j = 0; j < model.variables(); ++j) {
    const Variable& variable = model.variable(j);
    if (variable.cost == 0) continue;
    const double best = variable.cost > 0 ? variable.lower : variable.upper;
    if (std::isinf(best)) return -infinity;
    sum.add(variable.cost * best);
  }
  return sum.value();
}

}  // namespace plimsoll::solvers::mip
