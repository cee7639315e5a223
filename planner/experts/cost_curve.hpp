// Seconds that one replica takes for its tokens on a device of speed 1, and the inverse.
// Three shapes (docs/formats.md, "cost"): proportional with a fixed charge, the same in whole tiles, piecewise linear.
#pragma once

#include <cstdint>
#include <vector>

#include "plimsoll/experts.hpp"

namespace plimsoll::experts {

class CostCurve {
 public:
  CostCurve() = default;
  explicit CostCurve(const ExpertCost& cost);

  // Exact, as docs/formats.md defines it; tokens >= 0.
  [[nodiscard]] double seconds(double tokens) const;
  // The most tokens that fit into `seconds` (whole tiles where tokens come in tiles); 0 where nothing fits. Errs upward
  // by a relative 1e-12, so that a bound built on it stays valid.
  [[nodiscard]] double tokens_within(double seconds) const;
  // A convex function below seconds() for every replica that has tokens: the lower convex hull, fixed charge included.
  [[nodiscard]] double hull_seconds(double tokens) const;

  // seconds(x) = rate() * x for tokens x that are whole tiles: shares are a linear problem.
  [[nodiscard]] bool proportional() const { return points_.empty() && fixed_ == 0.0; }
  [[nodiscard]] bool table() const { return !points_.empty(); }
  [[nodiscard]] bool tiled() const { return tile_ > 0; }
  [[nodiscard]] double rate() const { return rate_; }
  [[nodiscard]] double fixed() const { return fixed_; }
  [[nodiscard]] double tile() const { return tile_; }
  // Seconds of a replica without tokens.
  [[nodiscard]] double idle_seconds() const { return points_.empty() ? 0.0 : points_.front().seconds; }
  // No replica serves tokens faster than this many seconds each, at any size.
  [[nodiscard]] double least_rate() const { return least_rate_; }

 private:
  double rate_ = 1.0;
  double fixed_ = 0.0;
  double tile_ = 0.0;
  double least_rate_ = 1.0;
  std::vector<ExpertCost::Point> points_;
  std::vector<ExpertCost::Point> hull_;
};

}  // namespace plimsoll::experts
