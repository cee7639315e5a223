#include "planner/experts/step/search/layer_risk.hpp"

#include <algorithm>
#include <cmath>

#include "planner/experts/search/assemble.hpp"

namespace plimsoll::experts::step {

LayerRisk::LayerRisk(const Prepared& prepared, int layer, double deviations)
    : prepared_(prepared),
      layer_(layer),
      deviations_(deviations),
      shares_(prepared),
      plan_(empty_plan(prepared.columns)) {}

double LayerRisk::operator()(std::span<const int> row) {
  std::copy(row.begin(), row.end(), plan_.slots.row(static_cast<std::size_t>(layer_)).begin());
  double sum = 0;
  double squares = 0;
  double longest = -1;
  for (int m = 0; m < prepared_.microsteps; ++m) {
    shares_.share(m, layer_, plan_);
    const std::vector<double> devices = device_seconds(prepared_, m, layer_, plan_);
    const double seconds = *std::max_element(devices.begin(), devices.end());
    if (seconds > longest) worst_ = devices;
    longest = std::max(longest, seconds);
    sum += seconds;
    squares += seconds * seconds;
  }
  const double mean = sum / prepared_.microsteps;
  return mean + deviations_ * std::sqrt(std::max(0.0, squares / prepared_.microsteps - mean * mean));
}

}  // namespace plimsoll::experts::step
