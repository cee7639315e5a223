#include "planner/experts/step/bound.hpp"

#include <algorithm>

#include "support/rounding.hpp"
#include "support/threads.hpp"

namespace plimsoll::experts::step {
namespace {

void sum_up(const Prepared& prepared, Bounds& bounds) {
  const double other = prepared.instance.experts.cost.other_seconds;
  double sum = 0;
  for (int m = 0; m < prepared.microsteps; ++m) {
    for (int l = 0; l < prepared.layers; ++l) {
      const double seconds = bounds.seconds.at(static_cast<std::size_t>(m), static_cast<std::size_t>(l));
      sum += prepared.passes(m, l) * (seconds + other);
    }
  }
  bounds.objective = support::rounded_down(sum);
}

}  // namespace

Bounds quick_bounds(const Prepared& prepared) {
  Bounds bounds;
  bounds.method = "area";
  bounds.seconds =
      Matrix<double>(static_cast<std::size_t>(prepared.microsteps), static_cast<std::size_t>(prepared.layers), 0.0);
  if (!prepared.impossible.empty()) return bounds;
  for (int m = 0; m < prepared.microsteps; ++m) {
    for (int l = 0; l < prepared.layers; ++l) {
      const LayerBound layer = count_bound(prepared.columns, prepared.load(m, l), -1);
      bounds.seconds.at(static_cast<std::size_t>(m), static_cast<std::size_t>(l)) = layer.seconds;
      if (layer.kind != BoundKind::area) bounds.method = "area+" + name_of(layer.kind);
    }
  }
  sum_up(prepared, bounds);
  return bounds;
}

void tighten(const Prepared& prepared, const Matrix<double>& upper, int threads, support::Meter& meter,
             Bounds& bounds) {
  const auto layers = static_cast<std::size_t>(prepared.layers);
  const std::size_t pairs = layers * static_cast<std::size_t>(prepared.microsteps);
  std::vector<std::uint64_t> work(pairs, 0);
  std::vector<BoundKind> kinds(pairs, BoundKind::none);
  support::for_each_index(pairs, threads, [&](std::size_t pair) {
    if (meter.urgent()) return;
    const std::size_t m = pair / layers;
    const std::size_t l = pair % layers;
    LayerBound layer{bounds.seconds.at(m, l), BoundKind::none};
    work[pair] = tighten_layer(prepared.columns, prepared.load(static_cast<int>(m), static_cast<int>(l)),
                               upper.rows() == 0 ? -1.0 : upper.at(m, l), layer);
    bounds.seconds.at(m, l) = layer.seconds;
    kinds[pair] = layer.kind;
  });
  for (const std::uint64_t amount : work) meter.add_work(amount);
  for (const BoundKind kind : kinds) {
    if (kind == BoundKind::none || bounds.method.find(name_of(kind)) != std::string::npos) continue;
    bounds.method += "+" + name_of(kind);
  }
  sum_up(prepared, bounds);
}

}  // namespace plimsoll::experts::step
