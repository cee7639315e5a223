// The integer program handed to a backend, from the best plan of a heuristic.
#include <algorithm>

#include "planner/assignment/formulation.hpp"
#include "planner/assignment/makespan.hpp"
#include "planner/assignment/method.hpp"
#include "planner/common/backend.hpp"

namespace plimsoll::assignment {
namespace {

namespace mip = solvers::mip;

// A first plan, for a small part of the work.
void start(const Prepared& prepared, Context& context) {
  if (!prepared.makespan) {
    run_greedy(prepared, context);
  } else {
    make_target_search(prepared, context.options().seed)
        ->turn(context, std::min<std::uint64_t>(5'000'000, context.meter().work_left() / 8));
  }
}

void run_milp(const Prepared& prepared, Context& context, mip::Backend backend) {
  common::require_backend(backend);
  start(prepared, context);
  if (context.should_stop()) return;
  const Formulation formulation(prepared);
  const mip::Model& model = formulation.model();
  if (!common::can_pay(context.meter(), model)) return;
  const std::string name = common::milp_name(backend);
  mip::Options options = common::backend_options(context.options(), context.meter(), model, 1.0);
  if (context.best()) {
    if (auto start = formulation.encode(context.best_bins())) options.start = std::move(*start);
  }
  options.incumbent = [&](const mip::Incumbent& incumbent) { context.offer_bins(formulation.decode(incumbent.point)); };
  const mip::Result result = common::solve_counted(model, backend, options, context.meter());
  context.report();
  if (result.status == mip::Status::infeasible && !context.objective()) {
    context.exclude("no plan keeps all limits at once (proven by " + std::string(common::program_name(backend)) + ")",
                    name, BoundEvidence::backend);
    return;
  }
  const double found = context.objective().value_or(mip::infinity);
  if (const double bound = common::proven_by(result, found); std::isfinite(bound)) {
    context.raise_by_backend(bound, name);
  }
}

}  // namespace

void run_milp_glpk(const Prepared& prepared, Context& context) { run_milp(prepared, context, mip::Backend::glpk); }
void run_milp_cbc(const Prepared& prepared, Context& context) { run_milp(prepared, context, mip::Backend::cbc); }

}  // namespace plimsoll::assignment
