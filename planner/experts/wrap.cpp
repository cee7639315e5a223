// Weighted dispatch by the wrap-around rule (wrap_layer.hpp), the line at the layer's lower bound; what the slots keep
// from reaching the line is re-split exactly.
#include "planner/experts/assemble.hpp"
#include "planner/experts/method.hpp"
#include "planner/experts/split.hpp"
#include "planner/experts/token_flow.hpp"
#include "planner/experts/wrap_layer.hpp"
#include "plimsoll/error.hpp"

namespace plimsoll::experts {
namespace {

constexpr int attempts = 6;
// Close enough to the line to stop trying: this method is the one that answers in milliseconds.
constexpr double near = 1.0002;

}  // namespace

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
    support::Random random(context.options().seed, static_cast<std::uint64_t>(problem.layer));
    std::uint64_t work = static_cast<std::uint64_t>(state.slot_count());
    wrap_layer(state, line, work);
    LayerPlan best = state.plan();
    // The chain of hand-overs may end in devices that have no slot left; another packing has another chain.
    for (int attempt = 0; attempt < attempts && (!best.feasible || best.seconds > line * near); ++attempt) {
      state.clear();
      wrap_layer(state, line, work, &random);
      if (state.complete() && (!best.feasible || state.seconds() < best.seconds)) best = state.plan();
    }
    if (best.feasible && best.seconds > line * (1 + 1e-9) && prepared.instance.cost.expert_seconds.empty()) {
      state.load(best);
      work += flow_work * solve_shares(state).work;
      if (state.seconds() < best.seconds) best = state.plan();
    }
    plans.push_back(relabel(prepared, problem.layer, std::move(best)));
    context.meter().add_work(work);
  }
  offer_or_refuse(context, assemble(prepared, plans), "wrap");
}

}  // namespace plimsoll::experts
