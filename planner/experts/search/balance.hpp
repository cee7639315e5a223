// How to split the tokens of one expert between two of its replicas so that the later of their devices ends earliest.
#pragma once

#include <algorithm>
#include <cmath>

#include "planner/experts/cost_curve.hpp"

namespace plimsoll::experts {

struct Side {
  double rest_seconds = 0;  // of the device without this replica, at speed 1
  double speed = 1;
  [[nodiscard]] double seconds(const CostCurve& curve, double tokens) const {
    return (rest_seconds + curve.seconds(tokens)) / speed;
  }
};

struct Split {
  double tokens = 0;   // for the second side; the first keeps the rest
  double seconds = 0;  // of the later side
};

// `total` tokens of one expert; whole numbers stay whole.
inline Split balance(const CostCurve& curve, double total, const Side& first, const Side& second) {
  const auto judge = [&](double tokens) {
    return Split{tokens, std::max(first.seconds(curve, total - tokens), second.seconds(curve, tokens))};
  };
  const auto better = [](const Split& a, const Split& b) { return b.seconds < a.seconds ? b : a; };
  Split best = better(judge(0.0), judge(total));
  if (curve.table() || curve.rate() <= 0) {
    // The first side falls and the second rises with the tokens moved; bisection finds where they cross.
    double low = 0.0;
    double high = total;
    for (int round = 0; round < 40; ++round) {
      const double middle = 0.5 * (low + high);
      if (first.seconds(curve, total - middle) > second.seconds(curve, middle)) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return better(best, judge(high));
  }
  // rest1 + f + r (total - x) over speed1 = rest2 + f + r x over speed2, solved for x.
  const double gap = (first.rest_seconds + curve.fixed() + curve.rate() * total) / first.speed -
                     (second.rest_seconds + curve.fixed()) / second.speed;
  const double crossing = gap / (curve.rate() / first.speed + curve.rate() / second.speed);
  if (!curve.tiled()) return crossing > 0 && crossing < total ? better(best, judge(crossing)) : best;
  // In tiles the best split leaves one of the two sides whole.
  const double tile = curve.tile();
  const double near = std::clamp(crossing, 0.0, total);
  const double kept = total - near;
  for (const double tokens : {std::floor(near / tile) * tile, std::ceil(near / tile) * tile,
                              total - std::floor(kept / tile) * tile, total - std::ceil(kept / tile) * tile}) {
    if (tokens > 0 && tokens < total) best = better(best, judge(tokens));
  }
  return best;
}

}  // namespace plimsoll::experts
