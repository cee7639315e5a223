#include <algorithm>
#include <limits>

#include "planner/experts/balancer/search.hpp"
#include "planner/experts/bound.hpp"
#include "planner/experts/search/assemble.hpp"
#include "planner/experts/search/layer_search.hpp"

namespace plimsoll::experts::balancer {
namespace {

// Several moves may be needed before a layer as a whole ends earlier.
constexpr std::int64_t most_moves_of_step = 8;

// What a plan leaves empty keeps its replica: it serves nothing, but nothing has to be sent for it either.
void keep_idle(const Prepared& prepared, std::span<const int> standing, std::span<int> row) {
  for (std::size_t slot = 0; slot < row.size(); ++slot) {
    if (row[slot] >= 0 || standing[slot] < 0) continue;
    const auto device = static_cast<std::size_t>(prepared.device_of_slot(static_cast<int>(slot)));
    const auto first = row.begin() + prepared.first_slot[device];
    const auto last = row.begin() + prepared.first_slot[device + 1];
    if (prepared.instance.cluster.duplicates || std::find(first, last, standing[slot]) == last) {
      row[slot] = standing[slot];
    }
  }
}

class WeightedSearch {
 public:
  WeightedSearch(const Prepared& prepared, const SearchLimits& limits, std::uint64_t seed)
      : prepared_(prepared),
        limits_(limits),
        meter_(std::numeric_limits<std::uint64_t>::max(), std::nullopt, nullptr),
        left_(limits.max_moves.value_or(no_limit - 1)) {
    if (limits.max_moves_per_device) {
      device_left_.assign(static_cast<std::size_t>(prepared.devices), *limits.max_moves_per_device);
    }
    for (int layer = 0; layer < prepared.layers; ++layer) {
      LayerProblem problem{&prepared, layer, prepared.load(layer), capacity(layer), {}, 0, device_left_, {}, {}};
      searches_.emplace_back(std::move(problem), count_bound(prepared, layer, -1).seconds, seed);
    }
    // A search points into itself once it is constructed, and may not be moved then.
    for (LayerSearch& search : searches_) search.construct(meter_);
  }

  Found run(const Matrix<int>& slots) {
    Found found;
    std::vector<LayerPlan> offers(searches_.size());
    const auto look = [&](std::size_t layer) {
      offers[layer] = LayerPlan{};
      if (searches_[layer].best().feasible && !searches_[layer].closed()) {
        open(searches_[layer]);
        offers[layer] = searches_[layer].next_step(static_cast<int>(most_moves_of_step));
      }
      found.work += searches_[layer].take_work();
      found.work_ended = found.work >= limits_.work_limit;
    };
    for (std::size_t layer = 0; layer < searches_.size() && !found.work_ended; ++layer) look(layer);
    for (;;) {
      std::size_t next = offers.size();
      for (std::size_t layer = 0; layer < offers.size(); ++layer) {
        if (offers[layer].feasible && (next == offers.size() || value(layer, offers) > value(next, offers))) {
          next = layer;
        }
      }
      if (next == offers.size()) break;
      adopt(next, offers[next]);
      offers[next] = LayerPlan{};
      // When the work is spent, what was found before is still done.
      if (!found.work_ended) look(next);
    }
    ExpertPlan plan = empty_plan(prepared_);
    found.slots = slots;
    for (std::size_t layer = 0; layer < searches_.size(); ++layer) {
      if (!searches_[layer].best().feasible || searches_[layer].best().moves == 0) continue;
      assemble_layer(prepared_, static_cast<int>(layer), searches_[layer].best(), plan);
      keep_idle(prepared_, slots.row(layer), plan.slots.row(layer));
      std::copy(plan.slots.row(layer).begin(), plan.slots.row(layer).end(), found.slots.row(layer).begin());
    }
    return found;
  }

 private:
  // Where memory is scarce, a layer keeps what it has on each device.
  [[nodiscard]] std::vector<int> capacity(int layer) const {
    if (!prepared_.memory_binds) return prepared_.slots;
    std::vector<int> held(static_cast<std::size_t>(prepared_.devices), 0);
    const auto row = prepared_.instance.placement->row(static_cast<std::size_t>(layer));
    for (std::size_t slot = 0; slot < row.size(); ++slot) {
      if (row[slot] >= 0) ++held[static_cast<std::size_t>(prepared_.device_of_slot(static_cast<int>(slot)))];
    }
    return held;
  }

  void open(LayerSearch& search) const {
    std::vector<std::int64_t> per_device = device_left_;
    for (std::size_t device = 0; device < per_device.size(); ++device) {
      per_device[device] += search.moves_to(static_cast<int>(device));
    }
    search.limit_moves(search.best().moves + std::max<std::int64_t>(0, left_), std::move(per_device));
  }

  [[nodiscard]] double value(std::size_t layer, const std::vector<LayerPlan>& offers) const {
    const double gain = searches_[layer].score(searches_[layer].best()) - searches_[layer].score(offers[layer]);
    const auto moves = std::max<std::int64_t>(0, offers[layer].moves - searches_[layer].best().moves);
    return gain / (static_cast<double>(moves) + 1e-3);
  }

  // An offer made when more was left may no longer fit; it is then forgotten, and the layer makes another one.
  void adopt(std::size_t layer, const LayerPlan& offer) {
    LayerSearch& search = searches_[layer];
    const LayerPlan before = search.best();
    const std::int64_t left = left_;
    const std::vector<std::int64_t> device_left = device_left_;
    std::vector<std::int64_t> old;
    for (int device = 0; device < prepared_.devices; ++device) old.push_back(search.moves_to(device));
    search.adopt(offer);
    left_ -= offer.moves - before.moves;
    bool fits = left_ >= 0;
    for (std::size_t device = 0; device < device_left_.size(); ++device) {
      device_left_[device] -= search.moves_to(static_cast<int>(device)) - old[device];
      fits = fits && device_left_[device] >= 0;
    }
    if (fits) return;
    search.adopt(before);
    left_ = left;
    device_left_ = device_left;
  }

  const Prepared& prepared_;
  const SearchLimits& limits_;
  support::Meter meter_;
  std::int64_t left_;
  std::vector<std::int64_t> device_left_;
  std::vector<LayerSearch> searches_;
};

}  // namespace

Found search_weighted(const ExpertInstance& working, const Matrix<int>& slots, const SearchLimits& limits,
                      std::uint64_t seed) {
  ExpertInstance instance = working;
  instance.placement = slots;
  // A price for each move is what the search knows; the layers' mean time stands for that of each.
  double seconds = 0;
  const Bounds bounds = quick_bounds(Prepared(instance));
  for (const LayerBound& bound : bounds.layers) seconds += bound.seconds;
  instance.move_seconds = std::max(1e-9, limits.least_gain) * seconds / instance.model.layers + limits.least_seconds;
  const Prepared prepared(instance);
  return WeightedSearch(prepared, limits, seed).run(slots);
}

}  // namespace plimsoll::experts::balancer
