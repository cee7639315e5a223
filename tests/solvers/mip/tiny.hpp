// Tiny random models, and their optima by enumeration: every whole-numbered choice, and for each the vertices of what
// is left to at most two continuous variables.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <vector>

#include "solvers/mip/model.hpp"
#include "support/random.hpp"

namespace plimsoll::solvers::mip::tiny {

struct Shape {
  double cost = 1;  // all costs, all rows, all are scaled by these
  double row = 1;
};

inline Model random_model(std::uint64_t seed, const Shape& shape) {
  support::Random random(seed);
  const auto whole = [&](int low, int high) {
    return static_cast<double>(low + static_cast<int>(random.below(static_cast<std::size_t>(high - low + 1))));
  };
  Model model;
  const std::size_t integers = random.below(4);
  const std::size_t continuous = integers == 0 ? 1 + random.below(2) : random.below(3);
  for (std::size_t j = 0; j < integers; ++j) {
    const bool binary = random.below(2) == 0;
    const double lower = binary ? 0 : whole(-3, 1);
    model.add_variable(lower, binary ? 1 : lower + whole(0, 4), whole(-5, 5) * shape.cost, true);
  }
  for (std::size_t j = 0; j < continuous; ++j) {
    const std::size_t kind = random.below(4);  // free, bounded below, above, on both sides
    const double lower = kind == 0 || kind == 2 ? -infinity : whole(-4, 2);
    const double upper = kind == 0 || kind == 1 ? infinity : (kind == 3 ? lower + whole(0, 6) : whole(0, 6));
    model.add_variable(lower, upper, whole(-5, 5) * shape.cost, false);
  }
  const std::size_t rows = 1 + random.below(4);
  for (std::size_t i = 0; i < rows; ++i) {
    std::vector<Entry> entries;
    for (int j = 0; j < model.variables(); ++j) {
      if (random.below(3) != 0) entries.push_back({j, whole(-4, 4) * shape.row});
    }
    const double side = whole(-6, 8) * shape.row;
    const std::size_t kind = random.below(5);  // <=, >=, =, both, neither
    const double width = whole(1, 5) * shape.row;
    const double lower = kind == 0 || kind == 4 ? -infinity : side;
    const double upper = kind == 1 || kind == 4 ? infinity : (kind == 3 ? side + width : side);
    model.add_row(lower, upper, entries);
  }
  return model;
}

struct Optimum {
  bool feasible = false;
  bool bounded = true;
  double objective = infinity;
};

class Enumeration {
 public:
  // `far` stands for infinity, where enumeration needs an end.
  Enumeration(const Model& model, double far)
      : model_(model), far_(far), point_(static_cast<std::size_t>(model.variables()), 0.0) {
    for (int j = 0; j < model.variables(); ++j) (model.variable(j).integer ? integers_ : continuous_).push_back(j);
  }
  // The least objective; infinity: no point.
  double run() {
    choose(0);
    return best_;
  }

 private:
  // a . (u, v) = b, one side of a row or a bound of the continuous variables.
  struct Line {
    std::array<double, 2> a;
    double b;
  };

  double& at(int variable) { return point_[static_cast<std::size_t>(variable)]; }

  void choose(std::size_t depth) {
    if (depth == integers_.size()) return finish();
    const Variable& variable = model_.variable(integers_[depth]);
    for (double value = variable.lower; value <= variable.upper; ++value) {
      at(integers_[depth]) = value;
      choose(depth + 1);
    }
  }

  void finish() {
    const std::vector<Line> lines = lines_of_rows();
    if (continuous_.empty()) return judge();
    if (continuous_.size() == 1) {
      for (const Line& line : lines) {
        if (line.a[0] == 0) continue;
        at(continuous_[0]) = line.b / line.a[0];
        judge();
      }
      return;
    }
    for (std::size_t k = 0; k < lines.size(); ++k) {
      for (std::size_t l = 0; l < k; ++l) {
        const auto& [a, b] = lines[k];
        const auto& [c, d] = lines[l];
        const double determinant = a[0] * c[1] - a[1] * c[0];
        if (std::abs(determinant) < 1e-12 * std::abs(a[0] * c[1] + a[1] * c[0])) continue;
        if (determinant == 0) continue;
        at(continuous_[0]) = (b * c[1] - a[1] * d) / determinant;
        at(continuous_[1]) = (a[0] * d - b * c[0]) / determinant;
        judge();
      }
    }
  }

  std::vector<Line> lines_of_rows() {
    std::vector<Line> lines;
    for (std::size_t j = 0; j < continuous_.size(); ++j) {
      const Variable& variable = model_.variable(continuous_[j]);
      for (const double bound : {std::max(variable.lower, -far_), std::min(variable.upper, far_)}) {
        lines.push_back({{j == 0 ? 1.0 : 0.0, j == 1 ? 1.0 : 0.0}, bound});
      }
    }
    for (int row = 0; row < model_.rows(); ++row) {
      Line line = {{0, 0}, 0};
      double fixed = 0;
      for (const auto [index, coefficient] : model_.row(row)) {
        const auto found = std::find(continuous_.begin(), continuous_.end(), index);
        if (found == continuous_.end()) {
          fixed += coefficient * at(index);
        } else {
          line.a[static_cast<std::size_t>(found - continuous_.begin())] = coefficient;
        }
      }
      for (const double side : {model_.row_lower(row), model_.row_upper(row)}) {
        if (std::isfinite(side)) lines.push_back({line.a, side - fixed});
      }
    }
    return lines;
  }

  void judge() {
    constexpr double tolerance = 1e-9;
    double objective = 0;
    for (int j = 0; j < model_.variables(); ++j) {
      const Variable& variable = model_.variable(j);
      const double value = at(j);
      if (value < variable.lower - tolerance || value > variable.upper + tolerance) return;
      if (!variable.integer && std::abs(value) > far_ + tolerance) return;
      objective += variable.cost * value;
    }
    for (int row = 0; row < model_.rows(); ++row) {
      double activity = 0;
      double size = 0;
      for (const auto [index, coefficient] : model_.row(row)) {
        activity += coefficient * at(index);
        size += std::abs(coefficient * at(index));
      }
      const double allowed = tolerance * std::max(size, 1e-9);
      if (activity < model_.row_lower(row) - allowed || activity > model_.row_upper(row) + allowed) return;
    }
    best_ = std::min(best_, objective);
  }

  const Model& model_;
  double far_;
  std::vector<int> integers_;
  std::vector<int> continuous_;
  std::vector<double> point_;
  double best_ = infinity;
};

// An optimum that moves when infinity does is none.
inline Optimum enumerate(const Model& model) {
  const double near = Enumeration(model, 1000).run();
  const double far = Enumeration(model, 2000).run();
  return {std::isfinite(near), std::abs(near - far) <= 1e-6 * std::abs(near), near};
}

}  // namespace plimsoll::solvers::mip::tiny
