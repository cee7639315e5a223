#include "planner/experts/cost_curve.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "support/rounding.hpp"

namespace plimsoll::experts {
namespace {

using Points = std::vector<ExpertCost::Point>;

double slope(const ExpertCost::Point& from, const ExpertCost::Point& to) {
  return (to.seconds - from.seconds) / (to.tokens - from.tokens);
}

// The segment that serves x: the first point at or beyond it ends it, the last segment goes on for ever.
std::size_t segment_end(const Points& points, double tokens) {
  std::size_t end = 1;
  while (end + 1 < points.size() && points[end].tokens < tokens) ++end;
  return end;
}

double interpolate(const Points& points, double tokens) {
  const std::size_t end = segment_end(points, tokens);
  return points[end - 1].seconds + slope(points[end - 1], points[end]) * (tokens - points[end - 1].tokens);
}

// Andrew's monotone chain, lower half; the last segment's slope must stay at most the curve's own last slope, because
// the curve goes on beyond its last point.
Points lower_hull(const Points& points) {
  Points hull;
  for (const auto& point : points) {
    while (hull.size() >= 2 && slope(hull[hull.size() - 2], hull.back()) >= slope(hull.back(), point)) hull.pop_back();
    hull.push_back(point);
  }
  const double last = slope(points[points.size() - 2], points.back());
  while (hull.size() > 2 && slope(hull[hull.size() - 2], hull.back()) > last) hull.pop_back();
  if (slope(hull[hull.size() - 2], hull.back()) > last) {
    hull.back() = {hull.front().tokens + 1.0, hull.front().seconds + last};
  }
  return hull;
}

}  // namespace

CostCurve::CostCurve(const ExpertCost& cost)
    : rate_(cost.token_seconds),
      fixed_(cost.replica_seconds),
      tile_(static_cast<double>(cost.tile_tokens)),
      least_rate_(cost.token_seconds),
      points_(cost.expert_seconds) {
  if (points_.empty()) return;
  fixed_ = 0.0;
  tile_ = 0.0;
  hull_ = lower_hull(points_);
  // The first slope of the hull is its least; seconds(x) >= idle + least_rate * x.
  least_rate_ = slope(hull_[0], hull_[1]);
}

double CostCurve::seconds(double tokens) const {
  if (!points_.empty()) return interpolate(points_, tokens);
  if (tokens <= 0.0) return 0.0;
  const double counted = tile_ > 0 ? tile_ * std::ceil(tokens / tile_) : tokens;
  return rate_ * counted + fixed_;
}

double CostCurve::tokens_within(double seconds) const {
  const double budget = support::rounded_up(seconds);
  if (!points_.empty()) {
    if (budget < points_.front().seconds) return 0.0;
    std::size_t end = 1;
    while (end + 1 < points_.size() && points_[end].seconds <= budget) ++end;
    const double rise = slope(points_[end - 1], points_[end]);
    if (rise <= 0.0) return std::numeric_limits<double>::max();
    return points_[end - 1].tokens + (budget - points_[end - 1].seconds) / rise;
  }
  if (budget <= fixed_) return 0.0;
  if (rate_ <= 0.0) return std::numeric_limits<double>::max();
  const double tokens = (budget - fixed_) / rate_;
  return tile_ > 0 ? tile_ * std::floor(support::rounded_up(tokens / tile_)) : tokens;
}

double CostCurve::hull_seconds(double tokens) const {
  if (!hull_.empty()) return interpolate(hull_, tokens);
  return rate_ * tokens + fixed_;
}

}  // namespace plimsoll::experts
