#include "planner/assignment/times.hpp"

#include <algorithm>
#include <cmath>

namespace plimsoll::assignment {
namespace {

std::size_t z(int index) { return static_cast<std::size_t>(index); }

// What summing n values and dividing by a speed can have rounded, relative to the sum.
double rounding(int items) { return 1e-13 + 4e-16 * items; }

constexpr double forgiven = 5e-10;  // half of what the certificate calls optimal

}  // namespace

Times::Times(const Prepared& source)
    : prepared(source),
      bins(source.bins),
      items(source.items),
      time(z(source.items), z(source.bins), never),
      cost(z(source.items), z(source.bins)),
      priced(false),
      least_cost(0),
      open(z(source.items)) {
  double magnitude = 0;
  for (int item = 0; item < items; ++item) {
    double least = never;
    for (int bin = 0; bin < bins; ++bin) {
      if (!prepared.can(bin, item)) continue;
      open[z(item)].push_back(bin);
      time.at(z(item), z(bin)) = prepared.size.at(z(bin), z(item)) / prepared.speed[z(bin)];
      const double price = prepared.cost.at(z(bin), z(item));
      cost.at(z(item), z(bin)) = price;
      priced = priced || price != 0;
      least = std::min(least, price);
    }
    least_cost_of.push_back(least);
    least_cost += least;
    magnitude += std::abs(least);
    std::stable_sort(open[z(item)].begin(), open[z(item)].end(),
                     [&](int a, int b) { return at(item, a) < at(item, b); });
  }
  least_cost -= rounding(items) * magnitude;
}

double Times::room(int bin, double target) const {
  const double speed = prepared.speed[z(bin)];
  if (prepared.whole_size) return std::floor(speed == 1.0 ? target : target * speed * (1 + rounding(items)));
  return target * speed * (1 + rounding(items));
}

double Times::latest(double objective) const {
  return priced ? objective - least_cost + rounding(items) * std::abs(objective) : objective;
}

double Times::next(double target) const {
  if (prepared.step > 0) return (std::floor(target / prepared.step) + 1) * prepared.step;
  return target + std::max(std::abs(target) * forgiven, std::numeric_limits<double>::denorm_min());
}

double Times::below(double objective) const {
  if (prepared.step > 0) return objective - prepared.step;
  return objective - forgiven * std::max(1.0, std::abs(objective));
}

}  // namespace plimsoll::assignment
