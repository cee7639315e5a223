#include "planner/experts/rolling/rolling.hpp"

#include <algorithm>
#include <utility>

#include "planner/experts/evaluate.hpp"
#include "planner/experts/method.hpp"
#include "planner/experts/rolling/past.hpp"
#include "planner/experts/search/assemble.hpp"
#include "planner/experts/solve.hpp"
#include "planner/experts/step/method.hpp"
#include "planner/experts/step/solve.hpp"
#include "plimsoll/error.hpp"

namespace plimsoll::experts::rolling {
namespace {

// What `shares` keeps where nothing stands yet.
constexpr const char* first_of_shares = "local";

// Only methods of steps whose plans without transient slots differ from those of a static method.
constexpr std::string_view step_methods[] = {"robust", "foresight"};

bool plans_statically(std::string_view name) {
  const auto& list = methods();
  return std::any_of(list.begin(), list.end(), [&](const Method& method) { return method.name == name; });
}

// A placement as a method made it, and what is known of it.
struct Planned {
  Matrix<int> slots;
  std::uint64_t work = 0;
  double imbalance = 1;                 // on what was known
  std::vector<std::string> violations;  // the plan breaks its instance
  std::string nothing;                  // why there is no plan
};

// The same placement with devices exchanged so that as much as possible stays; as it was where that breaks a rule.
ExpertPlan relabelled(const ExpertInstance& instance, const ExpertPlan& plan) {
  const Prepared prepared(instance);
  std::vector<LayerPlan> layers(static_cast<std::size_t>(prepared.layers));
  for (int layer = 0; layer < prepared.layers; ++layer) {
    const auto l = static_cast<std::size_t>(layer);
    for (std::size_t slot = 0; slot < plan.slots.columns(); ++slot) {
      const int expert = plan.slots.at(l, slot);
      if (expert < 0) continue;
      const double tokens = plan.shares.at(l, slot) * prepared.load(layer)[static_cast<std::size_t>(expert)];
      layers[l].replicas.push_back({expert, prepared.device_of_slot(static_cast<int>(slot)),
                                    prepared.whole_tokens ? static_cast<double>(plan.tokens.at(l, slot)) : tokens});
    }
    layers[l] = relabel(prepared, layer, std::move(layers[l]));
  }
  ExpertPlan other = assemble(prepared, layers);
  const Evaluation before = evaluate(instance, plan);
  const Evaluation after = evaluate(instance, other);
  return after.violations.empty() && after.metrics.moves < before.metrics.moves ? other : plan;
}

Planned plan_static(const ExpertInstance& past, const SolveOptions& options) {
  const ExpertSolution solution = solve(past, options, support::Meter::Clock::now());
  Planned planned;
  planned.work = solution.certificate.work;
  if (!solution.certificate.objective) {
    planned.nothing = solution.certificate.reason;
    return planned;
  }
  const ExpertPlan plan = past.placement ? relabelled(past, solution.plan) : solution.plan;
  const Evaluation evaluation = evaluate(past, plan);
  planned.violations = evaluation.violations;
  planned.imbalance = evaluation.metrics.imbalance;
  planned.slots = plan.slots;
  return planned;
}

Planned plan_step(const StepInstance& past, const SolveOptions& options) {
  const StepSolution solution = step::solve(past, options, support::Meter::Clock::now());
  Planned planned;
  planned.work = solution.certificate.work;
  if (!solution.certificate.objective) {
    planned.nothing = solution.certificate.reason;
    return planned;
  }
  planned.violations = step::evaluate(past, solution.plan).violations;
  planned.imbalance = solution.metrics.imbalance;
  planned.slots = solution.plan.base;
  return planned;
}

class Planner : public common::RollingPlanner {
 public:
  explicit Planner(const StepInstance& instance) : instance_(instance) {}

  [[nodiscard]] int microsteps() const override { return instance_.microsteps(); }

  [[nodiscard]] common::MethodList methods() const override {
    common::MethodList list{"planning again and again", {}};
    for (const Method& method : experts::methods()) {
      list.methods.push_back({method.name, method.supports, method.help});
    }
    for (const step::Method& method : step::methods()) {
      if (std::find(std::begin(step_methods), std::end(step_methods), method.name) == std::end(step_methods)) continue;
      list.methods.push_back({method.name, method.supports, method.help});
    }
    return list;
  }

  [[nodiscard]] std::vector<std::string> usual_methods() const override {
    std::vector<std::string> usual;
    for (const auto& method : methods().methods) {
      for (const std::string_view name : {"local", "shares", "lpt", "eplb", "robust"}) {
        if (method.name == name) usual.emplace_back(name);
      }
    }
    return usual;
  }

  [[nodiscard]] std::vector<double> least_imbalance() const override {
    std::vector<double> least;
    for (int m = 0; m < instance_.microsteps(); ++m) least.push_back(rolling::least_imbalance(instance_, m));
    return least;
  }

  [[nodiscard]] common::RollingRun run(const common::RollingOptions& options) const override {
    common::RollingRun run;
    std::optional<Matrix<int>> standing = instance_.experts.placement;
    try {
      for (int microstep = options.window; microstep < instance_.microsteps(); ++microstep) {
        if (options.progress) options.progress(microstep);
        Planned planned = plan(microstep, standing, options, run.keeps_limit);
        if (!planned.nothing.empty()) {
          return {{}, run.keeps_limit, "no plan for micro-step " + std::to_string(microstep) + ": " + planned.nothing};
        }
        run.plans.push_back(judged(microstep, standing, planned));
        standing = std::move(planned.slots);
      }
    } catch (const Error& error) {
      if (error.code() != ErrorCode::unsupported) throw;
      return {{}, run.keeps_limit, error.what()};
    }
    return run;
  }

 private:
  void let_stand(ExpertInstance& past, const std::optional<Matrix<int>>& standing,
                 const common::RollingOptions& options, bool limited) const {
    if (!standing) return;
    past.placement = standing;
    past.move_seconds = instance_.experts.move_seconds;
    if (!limited) return;
    past.limits = instance_.experts.limits;
    if (options.max_moves) past.limits.max_moves = options.max_moves;
  }

  [[nodiscard]] Planned plan_once(int microstep, const std::optional<Matrix<int>>& standing,
                                  const common::RollingOptions& options, bool limited) const {
    const int first = microstep - options.window;
    SolveOptions solve = options.solve;
    if (!plans_statically(solve.method)) {
      StepInstance past = past_step(instance_, first, microstep);
      let_stand(past.experts, standing, options, limited);
      return plan_step(past, solve);
    }
    if (solve.method == "shares" && !standing) solve.method = first_of_shares;
    ExpertInstance past = past_instance(instance_, first, microstep);
    let_stand(past, standing, options, limited);
    return plan_static(past, solve);
  }

  [[nodiscard]] Planned plan(int microstep, const std::optional<Matrix<int>>& standing,
                             const common::RollingOptions& options, bool& keeps_limit) const {
    if (keeps_limit) {
      try {
        return plan_once(microstep, standing, options, true);
      } catch (const Error& error) {
        if (error.code() != ErrorCode::unsupported || error.pointer().rfind("/limits/max_moves", 0) != 0) throw;
        keeps_limit = false;
      }
    }
    return plan_once(microstep, standing, options, false);
  }

  [[nodiscard]] common::RollingPlan judged(int microstep, const std::optional<Matrix<int>>& standing,
                                           const Planned& planned) const {
    const Score scored = score(instance_, microstep, planned.slots);
    common::RollingPlan plan;
    plan.microstep = microstep;
    plan.first = !standing;
    plan.planned_imbalance = planned.imbalance;
    plan.imbalance = scored.imbalance;
    plan.worst_imbalance = scored.worst_imbalance;
    plan.layers = scored.layers;
    plan.work = planned.work;
    plan.violations = planned.violations;
    plan.violations.insert(plan.violations.end(), scored.violations.begin(), scored.violations.end());
    if (!standing) return plan;
    // Moves as the evaluation counts them.
    ExpertInstance moved = frame_of(instance_);
    moved.placement = standing;
    const Prepared prepared(moved);
    ExpertPlan even = empty_plan(prepared);
    even.slots = planned.slots;
    for (int layer = 0; layer < prepared.layers; ++layer) share_evenly(prepared, layer, even);
    const ExpertMetrics metrics = evaluate(moved, even).metrics;
    plan.moves = metrics.moves;
    plan.moved_bytes = metrics.moved_bytes;
    return plan;
  }

  const StepInstance& instance_;
};

}  // namespace

std::unique_ptr<common::RollingPlanner> planner_for(const StepInstance& instance) {
  return std::make_unique<Planner>(instance);
}

}  // namespace plimsoll::experts::rolling
