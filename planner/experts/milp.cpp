#include "planner/experts/milp.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>
#include <string>
#include <vector>

#include "planner/experts/assemble.hpp"
#include "planner/experts/evaluate.hpp"
#include "planner/experts/formulation/formulation.hpp"
#include "planner/experts/formulation/patterns.hpp"
#include "planner/experts/method.hpp"
#include "plimsoll/error.hpp"
#include "solvers/mip/solver.hpp"
#include "support/rounding.hpp"

namespace plimsoll::experts {
namespace {

namespace mip = solvers::mip;

// Backends decide within about 1e-7 of what they compare. A bound short of optimality gives that much away.
constexpr double backend_tolerance = 1e-7;
// A layer that is this close to its bound needs no integer program.
constexpr double closed_gap = 1e-10;
constexpr std::size_t most_patterns = 8000;

// Work of one node of branch and bound: each entry of the matrix is touched some times.
std::uint64_t work_of_node(const mip::Model& model) { return 1000 + 4 * static_cast<std::uint64_t>(model.entries()); }

class Milp {
 public:
  Milp(const Prepared& prepared, Context& context, mip::Backend backend)
      : prepared_(prepared), context_(context), backend_(backend), name_("milp-" + mip::name(backend)) {}

  void run() {
    search_locally();
    if (context_.should_stop()) return;
    if (layers_are_coupled(prepared_)) {
      solve_together();
    } else {
      solve_apart();
    }
  }

 private:
  // A quarter of the budget at the most, and not more than pays for a first plan.
  void search_locally() {
    const auto slots =
        static_cast<std::uint64_t>(prepared_.layers) * static_cast<std::uint64_t>(prepared_.total_slots());
    const std::uint64_t useful = std::max<std::uint64_t>(2'000'000, 5'000 * slots);
    SolveOptions options = context_.options();
    options.progress = {};
    std::optional<double> seconds;
    if (const auto left = seconds_left()) seconds = 0.25 * *left;
    support::Meter meter(std::min(context_.meter().work_left() / 4 + 1, useful), seconds, options.stop);
    Context local(prepared_, options, meter);
    run_local(prepared_, local);
    context_.meter().add_work(meter.work());
    if (local.best()) context_.offer(*local.best());
    if (!context_.best()) return;
    take(*context_.best());
    std::vector<double> upper;
    for (const LayerPlan& plan : plans_) upper.push_back(plan.seconds);
    context_.tighten_bounds(upper);
  }

  [[nodiscard]] std::optional<double> seconds_left() const {
    if (!context_.options().time_limit_seconds) return std::nullopt;
    return std::max(0.0, *context_.options().time_limit_seconds - context_.meter().seconds());
  }

  // The plan's layers, with their times and moves.
  void take(const ExpertPlan& plan) {
    const Evaluation evaluation = evaluate(prepared_.instance, plan);
    plans_.clear();
    for (int layer = 0; layer < prepared_.layers; ++layer) {
      plans_.push_back(layer_of(prepared_, plan, layer));
      measure(plans_.back(), layer,
              evaluation.layer_seconds[static_cast<std::size_t>(layer)] - prepared_.instance.cost.other_seconds);
    }
  }

  void measure(LayerPlan& plan, int layer, double seconds) const {
    plan.seconds = seconds;
    plan.moves = 0;
    if (!prepared_.has_placement()) return;
    std::vector<bool> counted(static_cast<std::size_t>(prepared_.experts * prepared_.devices), false);
    for (const Replica& replica : plan.replicas) {
      const auto pair = static_cast<std::size_t>(replica.expert * prepared_.devices + replica.device);
      if (counted[pair] || prepared_.stood(layer, replica.expert, replica.device)) continue;
      counted[pair] = true;
      ++plan.moves;
    }
  }

  [[nodiscard]] double value(const LayerPlan& plan) const {
    return plan.seconds + prepared_.instance.move_seconds * static_cast<double>(plan.moves);
  }

  mip::Options backend_options(const mip::Model& model, double part) const {
    mip::Options options;
    if (const auto left = seconds_left()) options.time_limit_seconds = *left * part;
    const std::uint64_t nodes = context_.meter().work_left() / work_of_node(model);
    if (context_.options().work_limit || !context_.options().time_limit_seconds) {
      options.node_limit = static_cast<std::int64_t>(std::min<std::uint64_t>(nodes + 1, 2'000'000'000));
    }
    options.gap = context_.options().gap;
    options.stop = context_.options().stop;
    options.seed = context_.options().seed;
    return options;
  }

  mip::Result solve(const mip::Model& model, const mip::Options& options) {
    mip::Result result = mip::solve(model, backend_, options);
    context_.meter().add_work(static_cast<std::uint64_t>(result.nodes + 1) * work_of_node(model));
    context_.report();
    return result;
  }

  // Where all layers have a plan: offers them together.
  void offer() {
    if (std::all_of(plans_.begin(), plans_.end(), [](const LayerPlan& plan) { return plan.feasible; })) {
      context_.offer(assemble(prepared_, plans_));
    }
  }

  void exclude(const std::string& what) {
    context_.exclude(what + ", says " + (backend_ == mip::Backend::glpk ? "GLPK" : "CBC"), name_);
  }

  // What an optimal or interrupted solve proves about the value `found` (infinite: no plan) of its plan.
  static double proven(const mip::Result& result, double found) {
    if (result.status == mip::Status::optimal &&
        std::abs(found - result.objective) <= backend_tolerance * std::max(1.0, std::abs(found))) {
      return found;
    }
    if (!(result.bound > 0)) return 0;
    return std::min(found, result.bound * (1 - backend_tolerance));
  }

  void solve_apart() {
    const auto layers = static_cast<std::size_t>(prepared_.layers);
    if (plans_.empty()) plans_.resize(layers);
    std::vector<double> bounds;
    for (const LayerBound& layer : context_.bounds().layers) bounds.push_back(layer.seconds);
    for (std::size_t layer = 0; layer < layers; ++layer) {
      if (context_.should_stop()) break;
      const LayerPlan& plan = plans_[layer];
      if (plan.feasible && value(plan) - bounds[layer] <= closed_gap * value(plan)) continue;
      const double part = 1.0 / static_cast<double>(layers - layer);
      const bool told = plan.feasible && Patterns::apply(prepared_) &&
                        solve_by_patterns(static_cast<int>(layer), part, bounds[layer]);
      if (!told) solve_layer(static_cast<int>(layer), part, bounds[layer]);
      if (!context_.excluded().empty()) return;
      raise(bounds);
    }
  }

  void raise(const std::vector<double>& bounds) {
    double sum = std::accumulate(bounds.begin(), bounds.end(), 0.0) +
                 prepared_.instance.cost.other_seconds * static_cast<double>(prepared_.layers);
    sum = support::rounded_down(sum);
    if (context_.objective()) sum = std::min(sum, *context_.objective());
    context_.raise_bound(sum, name_, BoundEvidence::backend);
  }

  // Asks for plans that end earlier than the best one until there is none. False: there are too many patterns.
  bool solve_by_patterns(int layer, double part, double& bound) {
    LayerPlan& best = plans_[static_cast<std::size_t>(layer)];
    const auto first = Patterns::list(prepared_, layer, best.seconds, most_patterns);
    if (!first) return false;
    // The times between what is refuted and what is reached.
    std::vector<double> open;
    for (const double seconds : first->times()) {
      if (seconds > bound * (1 + 1e-9) && seconds < best.seconds * (1 - 1e-9)) open.push_back(seconds);
    }
    std::size_t refuted = 0;            // so many of the lowest times are known to be out of reach
    std::size_t reached = open.size();  // all from here on are
    bool top = true;
    while (refuted < reached && !context_.should_stop()) {
      // Most often the plan is the best already: one refutation proves it. Where that takes too long, the middle.
      const std::size_t asked = top ? reached - 1 : refuted + (reached - 1 - refuted) / 2;
      const Verdict verdict = ask(layer, open[asked], top ? part / 2 : part / 4, best);
      if (verdict == Verdict::refuted) {
        refuted = asked + 1;
      } else if (verdict == Verdict::reached) {
        while (reached > refuted && open[reached - 1] >= best.seconds * (1 - 1e-9)) --reached;
      } else if (top) {
        top = false;
        if (reached - refuted < 2) break;
      } else {
        reached = asked;  // out of reach for the backend, not proven
      }
      const double next = refuted < open.size() ? std::min(open[refuted], best.seconds) : best.seconds;
      if (refuted > 0 || open.empty()) bound = std::max(bound, next);
      if (verdict == Verdict::unknown && asked == refuted) break;
    }
    if (open.empty()) bound = std::max(bound, best.seconds);
    return true;
  }

  enum class Verdict { refuted, reached, unknown };

  Verdict ask(int layer, double seconds, double part, LayerPlan& best) {
    const auto patterns = Patterns::list(prepared_, layer, seconds, most_patterns);
    if (!patterns) return Verdict::unknown;
    mip::Options options = backend_options(patterns->model(), part);
    options.gap = 0;
    const mip::Result result = solve(patterns->model(), options);
    if (result.status == mip::Status::infeasible) return Verdict::refuted;
    if (result.point.empty()) return Verdict::unknown;
    return adopt(layer, patterns->decode(result.point), best) ? Verdict::reached : Verdict::unknown;
  }

  // Takes a layer's plan where it is better, judged by the evaluation within the whole.
  bool adopt(int layer, LayerPlan plan, LayerPlan& best) {
    const LayerPlan before = best;
    plan.feasible = true;
    best = std::move(plan);
    const bool complete =
        std::all_of(plans_.begin(), plans_.end(), [](const LayerPlan& other) { return other.feasible; });
    if (!complete) {
      measure(best, layer, mip::infinity);
      return true;
    }
    if (!context_.offer(assemble(prepared_, plans_))) {
      best = before;
      return false;
    }
    const LayerPlan found = best;
    const Evaluation evaluation = evaluate(prepared_.instance, *context_.best());
    best = found;
    measure(best, layer,
            evaluation.layer_seconds[static_cast<std::size_t>(layer)] - prepared_.instance.cost.other_seconds);
    return true;
  }

  // One layer, one device after the other in the model.
  void solve_layer(int layer, double part, double& bound) {
    const auto l = static_cast<std::size_t>(layer);
    Scope scope = Scope::whole(prepared_);
    scope.layers = {layer};
    scope.other_seconds = false;
    scope.lower[l] = bound;
    const bool had = plans_[l].feasible;
    if (had) scope.upper[l] = value(plans_[l]);
    const Formulation formulation(prepared_, scope);
    mip::Options options = backend_options(formulation.model(), part);
    if (had) {
      if (auto start = formulation.encode(std::vector<LayerPlan>{plans_[l]})) options.start = std::move(*start);
    }
    options.incumbent = [&](const mip::Incumbent& incumbent) {
      if (plans_[l].feasible && incumbent.objective >= value(plans_[l]) * (1 - 1e-12)) return;
      adopt(layer, formulation.decode_layers(incumbent.point).front(), plans_[l]);
    };
    const mip::Result result = solve(formulation.model(), options);
    if (result.status == mip::Status::infeasible && !had) {
      exclude("layer " + std::to_string(layer) + " has no plan");
      return;
    }
    const double found = !plans_[l].feasible             ? mip::infinity
                         : std::isinf(plans_[l].seconds) ? result.objective
                                                         : value(plans_[l]);
    bound = std::max(bound, proven(result, found));
  }

  void solve_together() {
    Scope scope = Scope::whole(prepared_);
    scope.other_seconds = false;
    const auto layers = static_cast<std::size_t>(prepared_.layers);
    const double other = prepared_.instance.cost.other_seconds * static_cast<double>(prepared_.layers);
    double sum = 0;
    for (std::size_t layer = 0; layer < layers; ++layer) {
      scope.lower[layer] = context_.bounds().layers[layer].seconds;
      sum += scope.lower[layer];
    }
    if (context_.objective()) {
      for (std::size_t layer = 0; layer < layers; ++layer) {
        scope.upper[layer] = (*context_.objective() - other - (sum - scope.lower[layer])) * (1 + 1e-9);
      }
    }
    const Formulation formulation(prepared_, scope);
    mip::Options options = backend_options(formulation.model(), 1.0);
    const bool had = context_.best().has_value();
    if (had) {
      if (auto start = formulation.encode(*context_.best())) options.start = std::move(*start);
    }
    options.incumbent = [&](const mip::Incumbent& incumbent) { context_.offer(formulation.decode(incumbent.point)); };
    options.bound_raised = [&](double bound) {
      if (!(bound > 0)) return;
      const double whole = bound * (1 - backend_tolerance) + other;
      context_.raise_bound(context_.objective() ? std::min(whole, *context_.objective()) : whole, name_,
                           BoundEvidence::backend);
    };
    const mip::Result result = solve(formulation.model(), options);
    if (result.status == mip::Status::infeasible && !had) {
      exclude("no plan keeps all limits at once");
      return;
    }
    const double found = context_.objective() ? *context_.objective() - other : mip::infinity;
    const double bound = proven(result, found);
    if (bound > 0) context_.raise_bound(std::min(bound, found) + other, name_, BoundEvidence::backend);
  }

  const Prepared& prepared_;
  Context& context_;
  mip::Backend backend_;
  std::string name_;
  std::vector<LayerPlan> plans_;  // [layers] the best known; empty before there is a plan
};

void run_milp(const Prepared& prepared, Context& context, mip::Backend backend) {
  if (!mip::available(backend)) {
    const bool glpk = backend == mip::Backend::glpk;
    throw Error(ErrorCode::unsupported,
                std::string("method milp-") + (glpk ? "glpk needs GLPK" : "cbc needs CBC") + ", which this build lacks",
                {}, std::string("Maybe install ") + (glpk ? "libglpk-dev" : "coinor-libcbc-dev") + " and build again.");
  }
  Milp(prepared, context, backend).run();
}

}  // namespace

void run_milp_glpk(const Prepared& prepared, Context& context) { run_milp(prepared, context, mip::Backend::glpk); }
void run_milp_cbc(const Prepared& prepared, Context& context) { run_milp(prepared, context, mip::Backend::cbc); }

}  // namespace plimsoll::experts
