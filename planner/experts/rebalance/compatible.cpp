#include "planner/experts/rebalance/compatible.hpp"

#include <algorithm>
#include <vector>

#include "planner/experts/rebalance/keep_slots.hpp"
#include "planner/experts/rebalance/request.hpp"
#include "planner/experts/search/eplb_placement.hpp"
#include "support/threads.hpp"

namespace plimsoll::experts {

Planned plan_compatibly(const RebalanceRequest& request, int threads) {
  const std::size_t layers = request.load.rows();
  const std::size_t experts = request.load.columns();
  const auto slots = static_cast<std::size_t>(request.slots);
  const EplbShape shape = is_hierarchical(request) ? EplbShape{request.groups, request.nodes, request.devices}
                                                   : EplbShape{1, 1, request.devices};
  // One after the other: GCC 12 destroys the parts of a nested aggregate twice where a later part finds no memory.
  Planned planned;
  planned.plan.slots = Matrix<int>(layers, slots);
  planned.plan.shares = Matrix<double>(layers, slots);
  planned.rank = Matrix<int>(layers, slots);
  support::for_each_index(layers, threads, [&](std::size_t layer) {
    const auto load = request.load.row(layer);
    std::vector<float> weight(experts);
    std::transform(load.begin(), load.end(), weight.begin(), [](double tokens) { return static_cast<float>(tokens); });
    const EplbPlacement placement = eplb_placement(weight, request.slots, shape);
    const auto expert = planned.plan.slots.row(layer);
    const auto rank = planned.rank.row(layer);
    std::copy(placement.expert.begin(), placement.expert.end(), expert.begin());
    std::copy(placement.rank.begin(), placement.rank.end(), rank.begin());
    if (request.placement) {
      keep_slots(request.placement->row(layer), request.slots / request.devices, expert, rank);
    }
    std::vector<int> count(experts, 0);
    for (const int held : expert) ++count[static_cast<std::size_t>(held)];
    for (std::size_t slot = 0; slot < slots; ++slot) {
      planned.plan.shares.at(layer, slot) = 1.0 / count[static_cast<std::size_t>(expert[slot])];
    }
  });
  planned.work = static_cast<std::uint64_t>(layers) * slots * experts;
  return planned;
}

}  // namespace plimsoll::experts
