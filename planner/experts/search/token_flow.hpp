// The best shares for a layer whose replicas stand fixed: parametric maximum flow.
//
// Experts send their tokens to the devices that hold them; device d takes (T * speed - fixed charges) / rate tokens.
// The least T that lets all tokens through is found by Newton's method on minimum cuts (Dinkelbach; Gallo, Grigoriadis,
// Tarjan 1989): each cut names a set X of experts that fits on its devices N(X) only from some larger T on. Exact for
// proportional and for tiled cost; with a fixed charge exact for the replicas that end up with tokens.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "planner/experts/search/layer.hpp"

namespace plimsoll::experts {

// An arc scanned by push-relabel costs about as much as so many candidates judged by a local search.
inline constexpr std::uint64_t flow_work = 12;

// The experts that bind at the optimum: they fill all devices that hold them to the layer's time.
struct TightSet {
  double seconds = 0;        // the optimum for the given replicas
  std::vector<int> experts;  // X
  std::vector<int> devices;  // N(X)
  std::uint64_t work = 0;
};

// Sets the tokens of the given replicas. Every expert with load needs one; the cost must not be a table. A maximum flow
// may fill devices outside the tight set to the same time for no reason; up to `levels` - 1 further tight sets are
// solved by themselves, so that a search that looks at device times sees what really binds.
TightSet solve_shares(const Prepared& prepared, std::span<const double> load, std::vector<Replica>& replicas,
                      int levels = 1);
// The same for every replica of a weighted state.
TightSet solve_shares(LayerState& state, int levels);
// The relaxation that ignores tiles and fixed charges and serves tokens at the cost's least rate: a bound for any
// dispatch and any cost on what these replicas can do.
TightSet relax_shares(const Prepared& prepared, std::span<const double> load, std::vector<Replica>& replicas);

}  // namespace plimsoll::experts
