#include "planner/experts/step/milp.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>

#include "planner/common/backend.hpp"
#include "planner/experts/step/bound.hpp"
#include "planner/experts/step/evaluate.hpp"
#include "planner/experts/step/exact/layer_options.hpp"
#include "planner/experts/step/exact/orders.hpp"
#include "planner/experts/step/formulation/formulation.hpp"
#include "planner/experts/step/method.hpp"
#include "planner/experts/step/search/schedule.hpp"
#include "planner/experts/step/solve.hpp"
#include "plimsoll/error.hpp"
#include "support/rounding.hpp"

namespace plimsoll::experts::step {
namespace {

namespace mip = solvers::mip;

// Contents that are looked at to list the options of a layer, and options of all layers in one program.
constexpr std::uint64_t most_contents = 200'000'000;
constexpr std::uint64_t content_work = 30;
constexpr std::size_t most_options = 40'000;
// Variables of the program of replicas and tokens.
constexpr double most_small = 4'000;

class Program {
 public:
  Program(const Prepared& prepared, Context& context, mip::Backend backend)
      : prepared_(prepared), context_(context), backend_(backend), bounds_(quick_bounds(prepared)) {}

  void strengthen() {
    const Matrix<double> upper =
        context_.best() ? largest_seconds(evaluate(prepared_.instance, *context_.best())) : Matrix<double>{};
    tighten(prepared_, upper, 1, context_.meter(), bounds_);
    context_.raise_bound(bounds_.objective, bounds_.method);
  }

  // The program of replicas and tokens.
  void solve(double part) { solve(Formulation(prepared_, scope()), part); }

  // The program of what enumeration leaves. False where it leaves too much.
  bool solve_options(double part) {
    if (!LayerOptions::applies(prepared_) || !context_.objective()) return false;
    const ExpertInstance& experts = prepared_.instance.experts;
    // Base columns are taken to be full.
    if (experts.cluster.memory_bytes || experts.placement) return false;
    std::vector<double> least;
    std::vector<LayerOptions> layers;
    double sum = 0;
    for (int layer = 0; layer < prepared_.layers; ++layer) {
      std::vector<double> lower;
      for (std::size_t m = 0; m < bounds_.seconds.rows(); ++m) {
        lower.push_back(bounds_.seconds.at(m, static_cast<std::size_t>(layer)));
      }
      layers.emplace_back(prepared_, layer, lower, contents_left());
      const std::optional<double> value = layers.back().least();
      context_.meter().add_work(layers.back().work() * content_work);
      if (!value) return false;
      least.push_back(support::rounded_down(*value));
      sum += least.back();
    }
    double other = 0;
    for (int m = 0; m < prepared_.microsteps; ++m) other += prepared_.passes(m, 0) * prepared_.layers;
    sum += other * experts.cost.other_seconds;
    Formulation::Options options;
    std::size_t count = 0;
    for (std::size_t layer = 0; layer < layers.size(); ++layer) {
      const double room = std::max(0.0, *context_.objective() - sum) + 1e-9 * sum;
      const std::uint64_t before = layers[layer].work();
      auto found = layers[layer].within(least[layer] + room, most_options - count);
      context_.meter().add_work((layers[layer].work() - before) * content_work);
      if (!found) return false;
      options.push_back(all_orders(prepared_, *found, layer == 0));
      for (const BaseOption& base : options.back()) {
        for (const auto& microstep : base.microsteps) count += microstep.size();
      }
      if (count > most_options) return false;
    }
    solve(Formulation(prepared_, scope(), std::move(options)), part);
    return true;
  }

 private:
  [[nodiscard]] std::uint64_t contents_left() const {
    return std::min(most_contents, context_.meter().work_left() / content_work);
  }

  [[nodiscard]] Scope scope() const {
    Scope scope{bounds_.seconds, bounds_.objective, mip::infinity};
    if (context_.bound()) scope.bound = std::max(scope.bound, *context_.bound());
    if (context_.objective()) scope.best = *context_.objective() * (1 + 1e-9);
    scope.bound = std::min(scope.bound, scope.best);
    return scope;
  }

  void solve(const Formulation& formulation, double part) {
    const mip::Model& model = formulation.model();
    if (!common::can_pay(context_.meter(), model)) return;
    mip::Options options = common::backend_options(context_.options(), context_.meter(), model, part);
    const bool had = context_.best().has_value();
    if (had) {
      const Evaluation evaluation = evaluate(prepared_.instance, *context_.best());
      if (auto start = formulation.encode(*context_.best(), evaluation)) options.start = std::move(*start);
    }
    options.incumbent = [&](const mip::Incumbent& incumbent) { realise(formulation.decode(incumbent.point)); };
    options.bound_raised = [&](double bound) { raise(bound * (1 - common::backend_tolerance) * formulation.unit()); };
    const mip::Result result = common::solve_counted(model, backend_, options, context_.meter());
    if (result.status == mip::Status::infeasible && !had) {
      context_.exclude("no plan exists (proven by " + std::string(common::program_name(backend_)) + ")",
                       common::milp_name(backend_), BoundEvidence::backend);
      return;
    }
    const double found = context_.objective() ? *context_.objective() / formulation.unit() : mip::infinity;
    raise(common::proven_by(result, found) * formulation.unit());
  }

  void raise(double bound) {
    if (!(bound > 0) || std::isinf(bound)) return;
    if (context_.objective()) bound = std::min(bound, *context_.objective());
    context_.raise_bound(bound, common::milp_name(backend_), BoundEvidence::backend);
  }

  // Transfers for a plan without; once more without the replicas that serve nothing.
  void realise(StepPlan plan) {
    if (auto scheduled = schedule(prepared_, plan.base, plan.microsteps, context_.meter())) {
      context_.offer(std::move(*scheduled));
    }
    bool dropped = false;
    for (ExpertPlan& microstep : plan.microsteps) {
      for (std::size_t l = 0; l < microstep.slots.rows(); ++l) {
        for (std::size_t c = 0; c < microstep.slots.columns(); ++c) {
          if (plan.base.at(l, c) >= 0 || microstep.slots.at(l, c) < 0 || microstep.shares.at(l, c) > 0) continue;
          microstep.slots.at(l, c) = -1;
          dropped = true;
        }
      }
    }
    if (!dropped) return;
    if (auto scheduled = schedule(prepared_, std::move(plan.base), std::move(plan.microsteps), context_.meter())) {
      context_.offer(std::move(*scheduled));
    }
  }

  const Prepared& prepared_;
  Context& context_;
  mip::Backend backend_;
  Bounds bounds_;
};

void search_first(const Prepared& prepared, Context& context) {
  SolveOptions options = context.options();
  options.progress = {};
  std::optional<double> seconds;
  if (const auto left = context.meter().seconds_left()) seconds = 0.25 * *left;
  support::Meter meter(context.meter().work_left() / 4 + 1, seconds, options.stop);
  Context inner(prepared, options, meter);
  for (const auto run : {run_foresight, run_eplb_step_shares}) {
    try {
      run(prepared, inner);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::unsupported) throw;
    }
  }
  context.meter().add_work(meter.work());
  if (inner.best()) context.offer(*inner.best());
}

void run_milp(const Prepared& prepared, Context& context, mip::Backend backend) {
  common::require_backend(backend);
  search_first(prepared, context);
  Program program(prepared, context, backend);
  program.strengthen();
  if (context.should_stop()) return;
  if (!program.solve_options(0.5) || !context.should_stop()) program.solve(1.0);
}

}  // namespace

void run_milp_glpk(const Prepared& prepared, Context& context) { run_milp(prepared, context, mip::Backend::glpk); }
void run_milp_cbc(const Prepared& prepared, Context& context) { run_milp(prepared, context, mip::Backend::cbc); }

bool is_small(const Prepared& prepared) {
  const double rows = static_cast<double>(prepared.microsteps) * prepared.layers * prepared.experts * prepared.devices;
  return rows <= most_small;
}

bool prove_small(const Prepared& prepared, Context& context, double part) {
  const std::vector<mip::Backend> known = mip::backends();
  if (known.empty() || !context.best()) return false;
  SolveOptions options = context.options();
  options.progress = {};
  std::optional<double> seconds;
  if (const auto left = context.meter().seconds_left()) seconds = part * *left;
  support::Meter meter(static_cast<std::uint64_t>(part * static_cast<double>(context.meter().work_left())), seconds,
                       options.stop);
  Context inner(prepared, options, meter);
  inner.offer(*context.best());
  bool done = true;
  try {
    Program program(prepared, inner, known.back());
    program.strengthen();
    if (!inner.should_stop() && (!program.solve_options(0.7) || !inner.should_stop())) program.solve(1.0);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::unsupported) throw;
    done = false;
  }
  context.meter().add_work(meter.work());
  context.offer(*inner.best());
  if (inner.bound()) context.raise_bound(*inner.bound(), inner.bound_method(), inner.bound_evidence());
  return done;
}

}  // namespace plimsoll::experts::step
