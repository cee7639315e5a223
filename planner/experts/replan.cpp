#include "planner/experts/replan.hpp"

#include <algorithm>

#include "support/threads.hpp"

namespace plimsoll::experts {

MoveBudget::MoveBudget(const Prepared& prepared, const std::vector<LayerSearch>& searches) : prepared_(prepared) {
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
  // Up to this many moves count as one step: a bottleneck of several devices needs several before anything is gained.
  constexpr int most_moves = 4;
  std::vector<LayerPlan> offers(searches.size());
  std::vector<bool> stale(searches.size(), true);
  const auto value = [&](std::size_t layer) {
    const double gain = searches[layer].score(searches[layer].best()) - searches[layer].score(offers[layer]);
    const auto moves = std::max<std::int64_t>(0, offers[layer].moves - searches[layer].best().moves);
    return gain / (static_cast<double>(moves) + 1e-3);
  };
  for (;;) {
    if (context.meter().exhausted()) return;
    const MoveBudget budget(prepared, searches);
    support::for_each_index(searches.size(), context.options().threads, [&](std::size_t layer) {
      if (!stale[layer] || searches[layer].closed() || !searches[layer].best().feasible) return;
      budget.open(searches[layer], most_moves, 1);
      offers[layer] = searches[layer].next_step(most_moves);
    });
    for (std::size_t layer = 0; layer < searches.size(); ++layer) {
      stale[layer] = false;
      context.meter().add_work(searches[layer].take_work());
    }
    // An offer made when more was left is made anew.
    std::size_t chosen = searches.size();
    for (std::size_t layer = 0; layer < searches.size(); ++layer) {
      if (!offers[layer].feasible) continue;
      if (chosen == searches.size() || value(layer) > value(chosen)) chosen = layer;
    }
    if (chosen == searches.size()) return;
    const std::int64_t moves = offers[chosen].moves - searches[chosen].best().moves;
    LayerPlan plan = std::move(offers[chosen]);
    offers[chosen] = LayerPlan{};
    stale[chosen] = true;
    if (moves > budget.left()) continue;
    const LayerPlan before = searches[chosen].best();
    searches[chosen].adopt(plan);
    const MoveBudget after(prepared, searches);
    if (!after.within()) searches[chosen].adopt(before);
  }
}

}  // namespace plimsoll::experts
