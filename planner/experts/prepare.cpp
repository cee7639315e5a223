#include "planner/experts/prepare.hpp"

#include <algorithm>
#include <cmath>

namespace plimsoll::experts {

Prepared::Prepared(const ExpertInstance& source)
    : instance(source),
      layers(source.model.layers),
      experts(source.model.experts),
      devices(source.cluster.devices()),
      nodes(source.cluster.nodes),
      first_slot(static_cast<std::size_t>(devices) + 1, 0),
      slots(source.cluster.slots),
      alive(static_cast<std::size_t>(devices), true),
      node(static_cast<std::size_t>(devices)),
      group(static_cast<std::size_t>(experts)),
      curve(source.cost),
      even(source.dispatch == Dispatch::even),
      whole_tokens(curve.tiled()) {
  for (const int device : source.cluster.dead) {
    alive[static_cast<std::size_t>(device)] = false;
    slots[static_cast<std::size_t>(device)] = 0;
  }
  for (int device = 0; device < devices; ++device) {
    const auto d = static_cast<std::size_t>(device);
    first_slot[d + 1] = first_slot[d] + source.cluster.slots[d];
    node[d] = device / source.cluster.devices_per_node;
    for (int slot = 0; slot < source.cluster.slots[d]; ++slot) device_of_slot_.push_back(device);
  }
  for (int expert = 0; expert < experts; ++expert) {
    group[static_cast<std::size_t>(expert)] = expert / (experts / source.model.groups);
  }
  memory_binds = false;
  for (int device = 0; device < devices; ++device) {
    const std::int64_t most = static_cast<std::int64_t>(layers) * slots[static_cast<std::size_t>(device)];
    std::int64_t fits = most;
    if (source.cluster.memory_bytes && source.model.expert_bytes > 0) {
      const double held = std::floor(*source.cluster.memory_bytes / source.model.expert_bytes * (1 + 1e-12));
      if (held < static_cast<double>(most)) fits = static_cast<std::int64_t>(held);
    }
    memory_binds = memory_binds || fits < most;
    memory_replicas.push_back(fits);
  }
  impossible = prove_impossible(*this);
}

}  // namespace plimsoll::experts
