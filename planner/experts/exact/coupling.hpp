// What layers share (the memory of the devices, the moves), decided exactly for a few small layers: a Lagrangian
// relaxation at the root and a tree over caps below it.
//
// Prices on the shared resources let the layers be solved apart: the sum of their least priced scores, less the prices
// of all that there is, bounds every plan. A node gives every layer a cap for each resource. Where the layers together
// use more of a resource than there is, some layer that uses u of it either gets by with u - 1, or uses at least u,
// which leaves less to the others: two nodes. Where prices leave a gap, the node is solved without prices. Best bound
// first.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "planner/experts/exact/exact_layer.hpp"
#include "planner/experts/prepare.hpp"
#include "support/meter.hpp"

namespace plimsoll::experts {

struct CouplingResult {
  bool complete = false;  // nothing below the cutoff is left
  double bound = 0;       // of the sum of scores; infinite where no plan exists
  std::uint64_t work = 0;
};

// Looks for plans whose layers' scores sum to less than `cutoff`; `found` gets each better one and the cutoff falls.
// `bounds` [layers]: scores that no plan of a layer beats.
CouplingResult couple(const Prepared& prepared, const std::vector<double>& bounds, double cutoff, std::uint64_t seed,
                      std::uint64_t work_limit, std::uint64_t layer_work, const support::Meter& meter,
                      const std::function<void(const std::vector<LayerPlan>&)>& found);

}  // namespace plimsoll::experts
