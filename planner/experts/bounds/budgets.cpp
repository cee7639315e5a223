#include "planner/experts/bounds/budgets.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <vector>

#include "planner/experts/bounds/standing.hpp"
#include "planner/experts/search/layer.hpp"
#include "support/rounding.hpp"

namespace plimsoll::experts {
namespace {

// A layer's least seconds as its use of the budget grows: `seconds` falls with `units`.
struct Point {
  double units = 0;
  double seconds = 0;
};

// The lower convex hull of a falling staircase (Andrew's monotone chain).
std::vector<Point> lower_hull(const std::vector<Point>& points) {
  std::vector<Point> hull;
  const auto slope = [](const Point& a, const Point& b) { return (b.seconds - a.seconds) / (b.units - a.units); };
  for (const Point& point : points) {
    while (hull.size() >= 2 && slope(hull[hull.size() - 2], hull.back()) >= slope(hull.back(), point)) hull.pop_back();
    hull.push_back(point);
  }
  return hull;
}

// min sum_l f_l(u_l) + price * u_l with sum_l u_l <= budget, for convex piecewise linear f_l: take the steepest
// segments first (the last one in part). This is the Lagrangian bound of the coupled problem, solved exactly.
double spread(const std::vector<std::vector<Point>>& curves, double budget, double price) {
  struct Segment {
    double gain;  // seconds per unit
    double units;
  };
  std::vector<Segment> segments;
  double sum = 0.0;
  for (const auto& curve : curves) {
    sum += curve.front().seconds + price * curve.front().units;
    budget -= curve.front().units;
    for (std::size_t k = 1; k < curve.size(); ++k) {
      const double units = curve[k].units - curve[k - 1].units;
      segments.push_back({(curve[k - 1].seconds - curve[k].seconds) / units - price, units});
    }
  }
  std::sort(segments.begin(), segments.end(), [](const Segment& a, const Segment& b) { return a.gain > b.gain; });
  for (const Segment& segment : segments) {
    if (segment.gain <= 0 || budget <= 0) break;
    const double units = std::min(budget, segment.units);
    sum -= units * segment.gain;
    budget -= units;
  }
  return sum;
}

double memory_bound(const Prepared& prepared, const Bounds& bounds) {
  const std::int64_t held =
      std::accumulate(prepared.memory_replicas.begin(), prepared.memory_replicas.end(), std::int64_t{0});
  const int most = std::accumulate(prepared.slots.begin(), prepared.slots.end(), 0);
  constexpr int steps = 8;
  std::vector<std::vector<Point>> curves;
  for (int layer = 0; layer < prepared.layers; ++layer) {
    // Sampled at a few counts r_0 < r_1 < ...: between two samples f is at least its value at the upper one.
    std::vector<Point> staircase;
    int previous = prepared.experts - 1;
    for (int step = 0; step <= steps; ++step) {
      const int slots = prepared.experts + (most - prepared.experts) * step / steps;
      if (slots <= previous) continue;
      const double seconds =
          std::max(count_bound(prepared, layer, slots).seconds, bounds.layers[static_cast<std::size_t>(layer)].seconds);
      staircase.push_back({static_cast<double>(previous + 1), seconds});
      previous = slots;
    }
    curves.push_back(lower_hull(staircase));
  }
  return spread(curves, static_cast<double>(held), 0.0);
}

double standing_bound(const Prepared& prepared, const Bounds& bounds) {
  const auto& instance = prepared.instance;
  std::int64_t lost = 0;
  std::vector<std::vector<Point>> curves;
  for (int layer = 0; layer < prepared.layers; ++layer) {
    const StandingCurve curve = standing_curve(prepared, layer, bounds.layers[static_cast<std::size_t>(layer)].seconds);
    lost += curve.lost;
    std::vector<Point> points;
    for (std::size_t moves = 0; moves < curve.seconds.size(); ++moves) {
      points.push_back({static_cast<double>(moves), curve.seconds[moves]});
    }
    curves.push_back(lower_hull(points));
  }
  double budget = static_cast<double>(instance.limits.max_moves.value_or(no_limit) - lost);
  if (instance.limits.max_moves_per_device) {
    const auto live = static_cast<double>(std::count(prepared.alive.begin(), prepared.alive.end(), true));
    budget =
        std::min(budget, static_cast<double>(*instance.limits.max_moves_per_device) * live - static_cast<double>(lost));
  }
  return spread(curves, std::max(0.0, budget), instance.move_seconds) +
         instance.move_seconds * static_cast<double>(lost);
}

}  // namespace

void raise_for_budgets(const Prepared& prepared, Bounds& bounds) {
  const double other = prepared.instance.cost.other_seconds * prepared.layers;
  const auto offer = [&](double seconds, BoundKind kind) {
    const double objective = support::rounded_down(seconds + other);
    if (objective <= bounds.objective * (1 + 2 * support::rounding_margin)) return;
    bounds.objective = objective;
    bounds.method = name_of(kind) + "+" + bounds.method;
  };
  if (prepared.memory_binds) offer(memory_bound(prepared, bounds), BoundKind::memory);
  if (prepared.moves_matter()) offer(standing_bound(prepared, bounds), BoundKind::standing);
}

}  // namespace plimsoll::experts
