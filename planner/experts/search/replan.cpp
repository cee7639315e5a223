#include "planner/experts/search/replan.hpp"

#include <algorithm>

#include "support/threads.hpp"

namespace plimsoll::experts {

MoveBudget::MoveBudget(const Prepared& prepared, const std::vector<LayerSearch>& searches) {
  const auto& limits = prepared.instance.limits;
  limited_ = limits.max_moves || limits.max_moves_per_device;
  if (limits.max_moves) {
    total_ = *limits.max_moves;
    for (const LayerSearch& search : searches) total_ -= search.best().moves;
  }
  if (limits.max_moves_per_device) {
    per_device_.assign(static_cast<std::size_t>(prepared.devices), *limits.max_moves_per_device);
    for (const LayerSearch& search : searches) {
      for (int device = 0; device < prepared.devices; ++device) {
        per_device_[static_cast<std::size_t>(device)] -= search.moves_to(device);
      }
    }
  }
}

void MoveBudget::open(LayerSearch& search, std::int64_t more, std::int64_t layers) const {
  if (!limited_) return;
  std::vector<std::int64_t> per_device;
  for (std::size_t device = 0; device < per_device_.size(); ++device) {
    per_device.push_back(search.moves_to(static_cast<int>(device)) + per_device_[device] / layers);
  }
  search.limit_moves(search.best().moves + std::max<std::int64_t>(0, std::min(more, total_)), std::move(per_device));
}

void replan(const Prepared& prepared, Context& context, std::vector<LayerSearch>& searches) {
  // A bottleneck of several devices needs several moves before anything is gained: up to so many count as one step.
  constexpr std::int64_t least_moves = 8;
  constexpr std::int64_t most_moves = 32;
  const auto layers = static_cast<std::int64_t>(searches.size());
  std::vector<LayerPlan> offers(searches.size());
  std::vector<bool> stale(searches.size(), true);
  const auto moves_of = [&](std::size_t layer) {
    return std::max<std::int64_t>(0, offers[layer].moves - searches[layer].best().moves);
  };
  const auto value = [&](std::size_t layer) {
    const double gain = searches[layer].score(searches[layer].best()) - searches[layer].score(offers[layer]);
    return gain / (static_cast<double>(moves_of(layer)) + 1e-3);
  };
  while (!context.meter().exhausted()) {
    MoveBudget budget(prepared, searches);
    const std::int64_t step = std::clamp(budget.left() / (4 * layers), least_moves, most_moves);
    support::for_each_index(searches.size(), context.options().threads, [&](std::size_t layer) {
      if (!stale[layer] || searches[layer].closed() || !searches[layer].best().feasible || context.meter().urgent())
        return;
      budget.open(searches[layer], step, 1);
      offers[layer] = searches[layer].next_step(static_cast<int>(step));
    });
    std::vector<std::size_t> order;
    for (std::size_t layer = 0; layer < searches.size(); ++layer) {
      stale[layer] = false;
      context.meter().add_work(searches[layer].take_work());
      if (offers[layer].feasible) order.push_back(layer);
    }
    if (order.empty()) return;
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return value(a) > value(b); });
    // The best offers are adopted at once, as long as they take no more than a part of what is left.
    std::int64_t spendable = std::max(step, budget.left() / 16);
    for (const std::size_t layer : order) {
      if (moves_of(layer) > spendable) break;
      spendable -= moves_of(layer);
      const LayerPlan before = searches[layer].best();
      searches[layer].adopt(offers[layer]);
      offers[layer] = LayerPlan{};
      stale[layer] = true;
      // An offer made when more was left for a device may no longer fit; the layer makes another one.
      if (!MoveBudget(prepared, searches).within()) searches[layer].adopt(before);
    }
  }
}

}  // namespace plimsoll::experts
