// Certified lower bounds on the time of each layer, and on the objective. docs/methods.md has the formulas.
//
// All of them have one shape. For a time T, give each replica a value u >= 0 that depends on its size alone, and let
// V_d be the most value that device d can hold in its slots within T. If even the cheapest way of cutting every expert
// into replicas, slots priced at `price`, has sum(u) + price * replicas > sum(V_d) + price * slots, no plan ends by T.
//   area       u = the replica's seconds, V_d = T * speed: the mean, aware of fixed charges, tiles and tables
//   replicas   u = 0, price 1: experts need more replicas to end by T than there are slots
//   threshold  u = 1 above a size, 1/2 above a smaller one (dual feasible functions: Fekete, Schepers 2001): two large
//              replicas do not fit on one device, nor a large one beside a middling one
//   mixture    a weighted sum of all these u at once, the weights found by multiplicative updates
// Two more have a shape of their own:
//   companions without redundancy every slot is taken by a whole expert, so that large ones have small ones beside them
//   groups     no assignment of groups to nodes has enough area and slots on every node
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "planner/experts/prepare.hpp"
#include "support/meter.hpp"

namespace plimsoll::experts {

enum class BoundKind { none, area, replicas, threshold, mixture, companions, groups, standing, memory, branch };
std::string name_of(BoundKind kind);

struct LayerBound {
  double seconds = 0;  // no plan has a smaller largest device time in this layer; other_seconds not included
  BoundKind kind = BoundKind::none;
};

struct Bounds {
  std::vector<LayerBound> layers;  // [layers]
  double objective = 0;            // sum over layers, other_seconds and prices included; rounded outward
  std::string method;              // the kinds that hold, most frequent first: "area", "threshold+area"
  bool tight = false;              // tighten() was applied
};

// Sets objective and method from the layers.
void sum_up(const Prepared& prepared, Bounds& bounds);

// Microseconds per layer: area and replicas.
Bounds quick_bounds(const Prepared& prepared);

// Area and replicas of one layer that may have at most so many replicas (below 0: as many as there are slots).
LayerBound count_bound(const Prepared& prepared, int layer, int slots);
// The same for any load [experts] on the devices of the instance.
LayerBound count_bound(const Prepared& prepared, std::span<const double> load, int slots);

// The rest of the family for one load; returns the work done. `upper` below 0: everything is tried. No proof is begun
// once the work is above the limit.
std::uint64_t tighten_layer(const Prepared& prepared, std::span<const double> load, double upper, LayerBound& bound,
                            std::uint64_t work_limit = std::numeric_limits<std::uint64_t>::max());

// The rest of the family for layers whose time in the best plan known, `upper` [layers] (largest device seconds), is
// above the bound. Independent of threads; skips what is left when the meter is urgent.
void tighten(const Prepared& prepared, const std::vector<double>& upper, int threads, support::Meter& meter,
             Bounds& bounds);

}  // namespace plimsoll::experts
