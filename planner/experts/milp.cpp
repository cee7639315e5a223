#include "planner/experts/milp.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "planner/common/backend.hpp"
#include "planner/experts/formulation/formulation.hpp"
#include "planner/experts/formulation/milp_state.hpp"
#include "planner/experts/method.hpp"
#include "plimsoll/error.hpp"

namespace plimsoll::experts {
namespace {

namespace mip = solvers::mip;

constexpr int most_rounds = 4;

// A quarter of the budget at the most, and not more than pays for a first plan.
void search_locally(MilpState& state) {
  const Prepared& prepared = state.prepared();
  Context& context = state.context();
  const auto slots = static_cast<std::uint64_t>(prepared.layers) * static_cast<std::uint64_t>(prepared.total_slots());
  const std::uint64_t useful = std::max<std::uint64_t>(2'000'000, 5'000 * slots);
  SolveOptions options = context.options();
  options.progress = {};
  std::optional<double> seconds;
  if (const auto left = state.seconds_left()) seconds = 0.25 * *left;
  support::Meter meter(std::min(context.meter().work_left() / 4 + 1, useful), seconds, options.stop);
  Context local(prepared, options, meter);
  run_local(prepared, local);
  context.meter().add_work(meter.work());
  if (!local.best() || !context.offer(*local.best())) return;
  state.take_best();
  std::vector<double> upper;
  for (int layer = 0; layer < prepared.layers; ++layer) upper.push_back(state.plan(layer).seconds);
  context.tighten_bounds(upper);
  state.take_bounds();
}

// One layer with all its devices in the model; what couples it to others is left out.
void solve_by_devices(MilpState& state, int layer, double part) {
  const auto l = static_cast<std::size_t>(layer);
  Scope scope = Scope::whole(state.prepared());
  scope.layers = {layer};
  scope.other_seconds = false;
  scope.lower[l] = state.time_bound(layer);
  const bool had = state.has_plan(layer);
  if (had) scope.upper[l] = state.value(state.plan(layer)) * (1 + 1e-9);
  const Formulation formulation(state.prepared(), scope);
  if (!state.can_pay(formulation.model())) return;
  mip::Options options = state.options(formulation.model(), part);
  if (had) {
    if (auto start = formulation.encode(std::vector<LayerPlan>{state.plan(layer)})) options.start = std::move(*start);
  }
  options.incumbent = [&](const mip::Incumbent& incumbent) {
    if (had && incumbent.objective >= state.value(state.plan(layer)) * (1 - 1e-12)) return;
    state.adopt(layer, formulation.decode_layers(incumbent.point).front());
  };
  const mip::Result result = state.solve(formulation.model(), options);
  if (result.status == mip::Status::infeasible && !had) {
    state.exclude("layer " + std::to_string(layer) + " has no plan");
    return;
  }
  // Where layers share memory or moves the layer's own optimum may be out of the whole's reach, and lies below `best`.
  const double best = state.has_plan(layer) ? state.value(state.plan(layer)) : mip::infinity;
  state.raise_value_bound(layer, common::proven_by(result, best));
}

// False: the layer is open, and more of the budget may help.
bool solve_alone(MilpState& state, int layer, double part) {
  // Patterns do not see moves: where those matter they refute little.
  const bool patterns = state.prepared().even && !state.prepared().moves_matter();
  if (patterns && state.has_plan(layer) && !state.closed(layer)) solve_by_patterns(state, layer, part / 2);
  if (!state.closed(layer) && !state.should_stop()) solve_by_devices(state, layer, part);
  return state.closed(layer);
}

void solve_together(MilpState& state) {
  const Prepared& prepared = state.prepared();
  Context& context = state.context();
  Scope scope = Scope::whole(prepared);
  scope.other_seconds = false;
  const double other = prepared.instance.cost.other_seconds * static_cast<double>(prepared.layers);
  double sum = 0;
  for (int layer = 0; layer < prepared.layers; ++layer) sum += state.value_bound(layer);
  for (int layer = 0; layer < prepared.layers; ++layer) {
    const auto l = static_cast<std::size_t>(layer);
    scope.lower[l] = state.time_bound(layer);
    scope.value.push_back(state.value_bound(layer));
    if (context.objective()) scope.upper[l] = (*context.objective() - other - (sum - scope.value[l])) * (1 + 1e-9);
  }
  const Formulation formulation(prepared, scope);
  if (!state.can_pay(formulation.model())) return;
  mip::Options options = state.options(formulation.model(), 1.0);
  const bool had = context.objective().has_value();
  if (had) {
    if (auto start = formulation.encode(*context.best())) options.start = std::move(*start);
  }
  options.incumbent = [&](const mip::Incumbent& incumbent) { context.offer(formulation.decode(incumbent.point)); };
  options.bound_raised = [&](double bound) {
    if (bound > 0) state.raise_objective_bound(bound * (1 - common::backend_tolerance) + other);
  };
  const mip::Result result = state.solve(formulation.model(), options);
  if (result.status == mip::Status::infeasible && !had) {
    state.exclude("no plan keeps all limits at once");
    return;
  }
  const double found = context.objective() ? *context.objective() - other : mip::infinity;
  if (const double bound = common::proven_by(result, found); bound > 0) state.raise_objective_bound(bound + other);
}

void solve_program(MilpState& state) {
  const Prepared& prepared = state.prepared();
  Context& context = state.context();
  const bool coupled = prepared.layers > 1 && prepared.shares_limits();
  std::vector<int> open;
  for (int layer = 0; layer < prepared.layers; ++layer) open.push_back(layer);
  // What a layer leaves of its part goes to the others, and in the end to another try at those that stayed open. Layers
  // that depend on each other get one try and leave most of the time to the model of all of them.
  for (int round = 0; round < (coupled ? 1 : most_rounds) && !open.empty(); ++round) {
    std::vector<int> again;
    for (std::size_t rank = 0; rank < open.size() && !state.should_stop(); ++rank) {
      const double part = (coupled ? 0.3 : 1.0) / static_cast<double>(open.size() - rank);
      if (!solve_alone(state, open[rank], part)) again.push_back(open[rank]);
      if (!context.excluded().empty()) return;
      state.raise_sum();
    }
    open = std::move(again);
  }
  if (coupled && !state.should_stop()) solve_together(state);
}

void run_milp(const Prepared& prepared, Context& context, mip::Backend backend) {
  common::require_backend(backend);
  MilpState state(prepared, context, backend);
  search_locally(state);
  solve_program(state);
}

}  // namespace

void run_milp_glpk(const Prepared& prepared, Context& context) { run_milp(prepared, context, mip::Backend::glpk); }
void run_milp_cbc(const Prepared& prepared, Context& context) { run_milp(prepared, context, mip::Backend::cbc); }

bool prove_by_program(const Prepared& prepared, Context& context, double part) {
  const std::vector<mip::Backend> known = mip::backends();
  if (known.empty() || !context.best()) return false;
  SolveOptions options = context.options();
  options.progress = {};
  std::optional<double> seconds;
  if (options.time_limit_seconds)
    seconds = part * std::max(0.0, *options.time_limit_seconds - context.meter().seconds());
  const auto work = static_cast<std::uint64_t>(part * static_cast<double>(context.meter().work_left()));
  support::Meter meter(work, seconds, options.stop);
  Context inner(prepared, options, meter);
  inner.offer(*context.best());
  MilpState state(prepared, inner, known.back());
  state.take_best();
  std::vector<double> upper;
  for (int layer = 0; layer < prepared.layers; ++layer) upper.push_back(state.plan(layer).seconds);
  inner.tighten_bounds(upper);
  state.take_bounds();
  solve_program(state);
  context.meter().add_work(meter.work());
  context.offer(*inner.best());
  if (inner.bound()) context.raise_bound(*inner.bound(), inner.bound_method(), inner.bound_evidence());
  return true;
}

}  // namespace plimsoll::experts
