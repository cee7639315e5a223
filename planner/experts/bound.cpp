#include "planner/experts/bound.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "planner/experts/bounds/budgets.hpp"
#include "planner/experts/bounds/refute.hpp"
#include "support/rounding.hpp"
#include "support/threads.hpp"

namespace plimsoll::experts {
namespace {

// Layers whose plan is this close to the bound already, relatively, are left alone: the stronger bounds cost more than
// they could gain.
constexpr double open_to_thresholds = 2e-4;
constexpr double open_to_mixture = 2e-3;

// Raises `bound` to the largest time that `refutes` is seen to refute: doubling steps, then bisection down to the
// relative `precision`. Every time it keeps was refuted, so nothing depends on the proofs being monotone.
template <class Refutes>
void raise(LayerBound& bound, double precision, const Refutes& refutes) {
  if (!(bound.seconds > 0)) return;
  const auto attempt = [&](double seconds) {
    const BoundKind kind = refutes(seconds);
    if (kind == BoundKind::none) return false;
    bound = {seconds, kind};
    return true;
  };
  double step = precision;
  double failed = 0.0;
  for (int round = 0; round < 100; ++round) {
    failed = bound.seconds * (1 + step);
    if (!attempt(failed)) break;
    step = std::min(1.0, std::max(step * 4, 1e-3));
  }
  while (failed - bound.seconds > precision * failed) {
    const double middle = 0.5 * (bound.seconds + failed);
    if (!(middle > bound.seconds && middle < failed)) break;
    if (!attempt(middle)) failed = middle;
  }
}

}  // namespace

std::string name_of(BoundKind kind) {
  switch (kind) {
    case BoundKind::none:
      return "none";
    case BoundKind::area:
      return "area";
    case BoundKind::replicas:
      return "replicas";
    case BoundKind::threshold:
      return "threshold";
    case BoundKind::mixture:
      return "mixture";
    case BoundKind::companions:
      return "companions";
    case BoundKind::groups:
      return "groups";
    case BoundKind::standing:
      return "standing";
    case BoundKind::memory:
      return "memory";
    case BoundKind::branch:
      return "branch";
  }
  return "none";
}

void sum_up(const Prepared& prepared, Bounds& bounds) {
  double sum = 0.0;
  std::array<int, 10> seen{};
  for (const LayerBound& layer : bounds.layers) {
    sum += layer.seconds + prepared.instance.cost.other_seconds;
    ++seen[static_cast<std::size_t>(layer.kind)];
  }
  bounds.objective = support::rounded_down(sum);
  bounds.method.clear();
  for (;;) {
    const auto most = std::max_element(seen.begin(), seen.end());
    if (*most == 0) break;
    *most = 0;
    if (!bounds.method.empty()) bounds.method += "+";
    bounds.method += name_of(static_cast<BoundKind>(most - seen.begin()));
  }
}

LayerBound count_bound(const Prepared& prepared, std::span<const double> load, int slots) {
  Refutation refutation(prepared, load, slots);
  LayerBound bound{refutation.area_seconds(), BoundKind::area};
  raise(bound, 4 * support::rounding_margin, [&](double seconds) { return refutation.by_counting(seconds); });
  return bound;
}

LayerBound count_bound(const Prepared& prepared, int layer, int slots) {
  return count_bound(prepared, prepared.load(layer), slots);
}

Bounds quick_bounds(const Prepared& prepared) {
  Bounds bounds;
  for (int layer = 0; layer < prepared.layers; ++layer) bounds.layers.push_back(count_bound(prepared, layer, -1));
  sum_up(prepared, bounds);
  return bounds;
}

std::uint64_t tighten_layer(const Prepared& prepared, std::span<const double> load, double upper, LayerBound& bound,
                            std::uint64_t work_limit) {
  // Small layers can afford bounds that are exact to rounding.
  const double size = static_cast<double>(prepared.experts) * prepared.total_slots();
  const double precision = size < 4096 ? 1e-9 : 1e-5;
  // Without a plan to compare with (`check`) everything is tried: what a solve claimed is then found again.
  const auto open = [&](double share) { return upper < 0 || upper > bound.seconds * (1 + share); };
  if (!open(open_to_thresholds)) return 0;
  Refutation refutation(prepared, load);
  if (const double seconds = refutation.companions_seconds(); seconds > bound.seconds) {
    bound = {seconds, BoundKind::companions};
  }
  const auto within = [&](double seconds, BoundKind (Refutation::*proof)(double)) {
    return refutation.work() < work_limit ? (refutation.*proof)(seconds) : BoundKind::none;
  };
  raise(bound, precision, [&](double seconds) { return within(seconds, &Refutation::by_groups); });
  raise(bound, precision, [&](double seconds) { return within(seconds, &Refutation::by_thresholds); });
  if (prepared.even && open(open_to_mixture)) {
    const double coarse = std::max(precision, 1e-4);
    raise(bound, coarse, [&](double seconds) { return within(seconds, &Refutation::by_mixture); });
  }
  return refutation.work();
}

void tighten(const Prepared& prepared, const std::vector<double>& upper, int threads, support::Meter& meter,
             Bounds& bounds) {
  bounds.tight = true;
  std::vector<std::uint64_t> work(bounds.layers.size(), 0);
  support::for_each_index(bounds.layers.size(), threads, [&](std::size_t layer) {
    if (meter.urgent()) return;
    work[layer] = tighten_layer(prepared, prepared.load(static_cast<int>(layer)), upper.empty() ? -1.0 : upper[layer],
                                bounds.layers[layer]);
  });
  for (const std::uint64_t amount : work) meter.add_work(amount);
  sum_up(prepared, bounds);
  raise_for_budgets(prepared, bounds);
}

}  // namespace plimsoll::experts
