#include "planner/assignment/bound.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "plimsoll/error.hpp"
#include "support/rounding.hpp"

namespace plimsoll::assignment {
namespace {

std::size_t z(int index) { return static_cast<std::size_t>(index); }

// A sum of values of any sign, as far down as rounding can have taken it up.
double safe_sum(std::span<const double> values) {
  double sum = 0;
  double magnitude = 0;
  for (const double value : values) {
    sum += value;
    magnitude += std::abs(value);
  }
  return sum - support::rounding_margin * magnitude;
}

double least(const Prepared& prepared, const Matrix<double>& table, int item) {
  double best = std::numeric_limits<double>::infinity();
  for (int bin = 0; bin < prepared.bins; ++bin) {
    if (prepared.can(bin, item)) best = std::min(best, table.at(z(bin), z(item)));
  }
  return best;
}

// All bins together have `speed` to spend per second: every item needs at least its least time, and no bin works on
// more than one of its items' parts at once.
double quick_makespan(const Prepared& prepared) {
  double total_speed = 0;
  double work = 0;
  double largest = 0;
  for (const double speed : prepared.speed) total_speed += speed;
  for (int item = 0; item < prepared.items; ++item) {
    double soonest = std::numeric_limits<double>::infinity();
    for (int bin = 0; bin < prepared.bins; ++bin) {
      if (prepared.can(bin, item)) {
        soonest = std::min(soonest, prepared.size.at(z(bin), z(item)) / prepared.speed[z(bin)]);
      }
    }
    largest = std::max(largest, soonest);
    work += least(prepared, prepared.size, item);
  }
  return support::rounded_down(std::max(largest, work / total_speed));
}

}  // namespace

std::string name_of(BoundKind kind) {
  switch (kind) {
    case BoundKind::cheapest:
      return "cheapest";
    case BoundKind::linear:
      return "linear";
    case BoundKind::lagrangian:
      return "lagrangian";
    case BoundKind::packing:
      return "packing";
    case BoundKind::branch:
      return "branch";
  }
  throw Error(ErrorCode::internal, "a bound without a name");
}

Bound quick_bound(const Prepared& prepared) {
  std::vector<double> cheapest;
  for (int item = 0; item < prepared.items; ++item) cheapest.push_back(least(prepared, prepared.cost, item));
  const double prices = safe_sum(cheapest);
  Bound bound;
  bound.value = prepared.makespan ? quick_makespan(prepared) + prices : prices;
  return bound;
}

}  // namespace plimsoll::assignment
