#include "planner/experts/search/resplit.hpp"

#include <utility>

#include "planner/experts/search/token_flow.hpp"
#include "planner/experts/search/weighted_search.hpp"

namespace plimsoll::experts {

void resplit(const Prepared& prepared, int layer, std::span<const double> load, std::vector<Replica>& replicas,
             std::uint64_t& work) {
  if (!prepared.curve.table()) {
    work += flow_work * solve_shares(prepared, load, replicas).work;
    if (prepared.curve.fixed() == 0.0) return;
  } else {
    // All on the first replica, to begin with.
    std::vector<bool> given(load.size(), false);
    for (Replica& replica : replicas) {
      const auto expert = static_cast<std::size_t>(replica.expert);
      if (!given[expert]) replica.tokens = load[expert];
      given[expert] = true;
    }
  }
  // Tables, and fixed charges that a replica without tokens would save: shifts between replicas, nothing moves.
  LayerProblem problem{&prepared, layer, load, prepared.slots, {}, no_limit, {}};
  LayerState state(problem);
  state.load({std::move(replicas)});
  shift_tokens(state, work);
  replicas = state.plan().replicas;
}

}  // namespace plimsoll::experts
