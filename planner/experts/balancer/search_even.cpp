#include <algorithm>
#include <limits>

#include "planner/experts/balancer/even_layer.hpp"
#include "planner/experts/balancer/recover.hpp"
#include "planner/experts/balancer/search.hpp"

namespace plimsoll::experts::balancer {

Found search_even(const Prepared& prepared, const Scenarios& scenarios, const Matrix<int>& slots,
                  const SearchLimits& limits) {
  Found found;
  found.slots = slots;
  Allowance allowance;
  allowance.moves = limits.max_moves.value_or(std::numeric_limits<std::int64_t>::max() / 4);
  if (limits.max_moves_per_device) {
    allowance.device_moves.assign(static_cast<std::size_t>(prepared.devices), *limits.max_moves_per_device);
  }
  allowance.device_room = memory_room(prepared, slots);

  std::vector<EvenLayer> layers;
  std::vector<Step> steps(slots.rows());
  layers.reserve(slots.rows());
  const auto look = [&](std::size_t layer) {
    steps[layer] = layers[layer].best_step(allowance, limits.least_gain, limits.least_seconds);
    found.work += layers[layer].take_work();
    found.work_ended = found.work >= limits.work_limit;
  };
  for (std::size_t layer = 0; layer < slots.rows() && !found.work_ended; ++layer) {
    layers.emplace_back(prepared, static_cast<int>(layer), scenarios, slots.row(layer), limits.extra_moves);
    if (allowance.moves > 0) look(layer);
  }
  for (;;) {
    std::size_t next = steps.size();
    for (std::size_t layer = 0; layer < steps.size(); ++layer) {
      if (!steps[layer].exists()) continue;
      if (next == steps.size() || steps[layer].value() > steps[next].value()) next = layer;
    }
    if (next == steps.size()) break;
    // A step found when more was left may no longer fit; the layer then looks for another one.
    if (layers[next].fits(steps[next], allowance)) layers[next].take(steps[next], allowance);
    steps[next] = Step{};
    // When the work is spent, what was found before is still done.
    if (!found.work_ended) look(next);
  }
  for (std::size_t layer = 0; layer < layers.size(); ++layer) {
    std::copy(layers[layer].row().begin(), layers[layer].row().end(), found.slots.row(layer).begin());
    found.best_refused = std::max(found.best_refused, layers[layer].best_refused());
  }
  return found;
}

}  // namespace plimsoll::experts::balancer
