// What layers share (the memory of the devices, the moves), decided exactly for a few small layers: a tree over caps.
//
// A node gives every layer a cap for each shared resource; without regard to each other the layers are solved under
// their caps, and the sum of their scores is a bound for all plans within the caps (the Lagrangian relaxation of the
// shared limits with prices 0; the caps do what prices do, and leave no gap). Where the layers together use more of a
// resource than there is, some layer l that uses u of it either gets by with u - 1, or uses at least u, which leaves
// less to the others: two nodes. Best bound first.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "planner/experts/exact_layer.hpp"
#include "planner/experts/prepare.hpp"
#include "support/meter.hpp"

namespace plimsoll::experts {

// There are limits on what the layers use together: layers cannot be proven one by one.
bool layers_are_coupled(const Prepared& prepared);

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
