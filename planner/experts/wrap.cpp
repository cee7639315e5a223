// Weighted dispatch by the wrap-around rule (wrap_layer.hpp), the line at the layer's lower bound; what the slots keep
// from reaching the line is re-split exactly.
#include "planner/experts/assemble.hpp"
#include "planner/experts/method.hpp"
#include "planner/experts/split.hpp"
#include "planner/experts/token_flow.hpp"
#include "planner/experts/wrap_layer.hpp"
#include "plimsoll/error.hpp"

namespace plimsoll::experts {

void run_wrap(const Prepared& prepared, Context& context) {
  if (prepared.even) {
    throw Error(ErrorCode::unsupported, "method wrap splits experts unevenly and needs weighted dispatch", "/dispatch",
                "Maybe use local or auto.");
  }
  refuse_move_limits(prepared, "wrap");
  std::vector<LayerPlan> plans;
  for (LayerProblem& problem : split_layers(prepared)) {
    const double line = context.bounds().layers[static_cast<std::size_t>(problem.layer)].seconds;
    bind_groups(problem, nullptr, problem.home);
    LayerState state(problem);
    std::uint64_t work = static_cast<std::uint64_t>(state.slot_count());
    wrap_layer(state, line, work);
    if (state.seconds() > line * (1 + 1e-9) && state.complete() && prepared.instance.cost.expert_seconds.empty()) {
      const double before = state.seconds();
      state.forget();
      work += 50 * solve_shares(state).work;
      if (state.seconds() > before) state.undo_to(0);
    }
    plans.push_back(relabel(prepared, problem.layer, state.plan()));
    context.meter().add_work(work);
  }
  offer_or_refuse(context, assemble(prepared, plans), "wrap");
}

}  // namespace plimsoll::experts
