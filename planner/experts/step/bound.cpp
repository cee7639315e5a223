#include "planner/experts/step/bound.hpp"

#include <algorithm>
#include <utility>

#include "planner/experts/step/bounds/coupling.hpp"
#include "planner/experts/step/bounds/traffic.hpp"
#include "support/rounding.hpp"
#include "support/threads.hpp"

namespace plimsoll::experts::step {
namespace {

// The relaxation over micro-steps costs linear programs: it is left out where a plan is this close already.
constexpr double open_to_coupling = 1e-3;

struct Sum {
  double seconds = 0;  // of all windows
  double rest = 0;     // what of it is no compute of experts; at most that, where all three overlap
};

// Windows of a (micro-step, layer) whose largest device time is at least `seconds`.
Sum windows_of(const Prepared& prepared, int microstep, int layer, double seconds) {
  const double ratio = prepared.passes(microstep, layer) - 1.0;  // of a backward window, 0: there is none
  const double other = prepared.instance.experts.cost.other_seconds;
  const LeastTraffic traffic = least_traffic(prepared, microstep, layer);
  if (prepared.instance.communication.overlap == Overlap::full) {
    const double busy = std::max(traffic.dispatch, traffic.combine);
    const double backward = ratio > 0 ? std::max(ratio * (seconds + other), busy) : 0.0;
    return {std::max(seconds + other, busy) + backward, (1 + ratio) * other};
  }
  const double busy = (traffic.dispatch + traffic.combine) * (ratio > 0 ? 2 : 1);
  return {(1 + ratio) * (seconds + other) + busy, (1 + ratio) * other + busy};
}

// Of all (micro-steps, layers), outward.
Sum sum_of(const Prepared& prepared, const Matrix<double>& seconds) {
  Sum sum;
  for (int m = 0; m < prepared.microsteps; ++m) {
    for (int l = 0; l < prepared.layers; ++l) {
      const Sum own = windows_of(prepared, m, l, seconds.at(static_cast<std::size_t>(m), static_cast<std::size_t>(l)));
      sum.seconds += own.seconds;
      sum.rest += own.rest;
    }
  }
  return {support::rounded_down(sum.seconds), support::rounded_down(sum.rest)};
}

void add_kind(BoundKind kind, Bounds& bounds) {
  if (kind == BoundKind::none || bounds.method.find(name_of(kind)) != std::string::npos) return;
  bounds.method += "+" + name_of(kind);
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
      add_kind(layer.kind, bounds);
    }
  }
  bounds.objective = sum_of(prepared, bounds.seconds).seconds;
  return bounds;
}

void tighten(const Prepared& prepared, const Matrix<double>& upper, int threads, support::Meter& meter,
             Bounds& bounds) {
  if (!prepared.impossible.empty()) return;
  // The relaxation starts from what counting proves, so that it is the same whatever `upper` says.
  const Matrix<double> counted = bounds.seconds;
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
                               upper.empty() ? -1.0 : upper.at(m, l), layer);
    bounds.seconds.at(m, l) = layer.seconds;
    kinds[pair] = layer.kind;
  });
  for (const std::uint64_t amount : work) meter.add_work(amount);
  for (const BoundKind kind : kinds) add_kind(kind, bounds);
  bounds.objective = std::max(bounds.objective, sum_of(prepared, bounds.seconds).seconds);
  if (meter.urgent()) return;
  if (!upper.empty() && sum_of(prepared, upper).seconds <= bounds.objective * (1 + open_to_coupling)) return;
  const double coupled = coupled_bound(prepared, counted, sum_of(prepared, counted).rest, threads, meter);
  if (coupled <= bounds.objective) return;
  bounds.objective = coupled;
  bounds.method = "coupling+" + bounds.method;
}

}  // namespace plimsoll::experts::step
