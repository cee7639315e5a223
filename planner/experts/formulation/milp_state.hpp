// What the parts of the integer-programming methods share: the best plan layer by layer, what is proven about each
// layer, the budget, and the way of both to the context.
#pragma once

#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "planner/experts/context.hpp"
#include "planner/experts/search/layer.hpp"
#include "solvers/mip/solver.hpp"

namespace plimsoll::experts {

class MilpState {
 public:
  MilpState(const Prepared& prepared, Context& context, solvers::mip::Backend backend);

  [[nodiscard]] const Prepared& prepared() const { return prepared_; }
  [[nodiscard]] Context& context() { return context_; }
  // "milp-cbc", as in certificates.
  [[nodiscard]] const std::string& name() const { return name_; }

  // Takes the layers of the context's best plan, and its bounds as they are now.
  void take_best();
  void take_bounds();

  // Where only some layers have a plan, or all have but not together, nothing is known about any of them.
  [[nodiscard]] bool has_plan(int layer) const { return plan(layer).feasible && std::isfinite(plan(layer).seconds); }
  [[nodiscard]] const LayerPlan& plan(int layer) const { return plans_[static_cast<std::size_t>(layer)]; }
  // What a layer adds to the objective, other_seconds left out: its time and the price of its moves.
  [[nodiscard]] double value(const LayerPlan& plan) const;
  // Puts a layer's plan in place of the one known where the whole is better with it, judged by the evaluation, or where
  // some layer has no plan yet.
  bool adopt(int layer, LayerPlan plan);
  // The same for all layers at once.
  bool adopt(std::vector<LayerPlan> plans);

  // No plan's layer ends earlier; no plan's layer is worth less.
  [[nodiscard]] double time_bound(int layer) const { return time_bounds_[static_cast<std::size_t>(layer)]; }
  [[nodiscard]] double value_bound(int layer) const { return value_bounds_[static_cast<std::size_t>(layer)]; }
  void raise_time_bound(int layer, double seconds);
  void raise_value_bound(int layer, double value);
  // What is open between the layer's bound and its plan is rounding.
  [[nodiscard]] bool closed(int layer) const;
  // Hands the sum of the layers' bounds to the context.
  void raise_sum();
  void raise_objective_bound(double value);
  // No plan exists, on the backend's word.
  void exclude(const std::string& what);

  [[nodiscard]] bool should_stop() const { return context_.should_stop(); }
  [[nodiscard]] std::optional<double> seconds_left() const;
  // The work that is left pays for the relaxation of a model; it has no limits of its own.
  [[nodiscard]] bool can_pay(const solvers::mip::Model& model) const;
  // Limits for one solve that may use `part` of the time that is left.
  [[nodiscard]] solvers::mip::Options options(const solvers::mip::Model& model, double part) const;
  solvers::mip::Result solve(const solvers::mip::Model& model, const solvers::mip::Options& options);

 private:
  void measure(LayerPlan& plan, int layer, double seconds) const;
  [[nodiscard]] bool complete() const;

  const Prepared& prepared_;
  Context& context_;
  solvers::mip::Backend backend_;
  std::string name_;
  std::vector<LayerPlan> plans_;  // [layers]
  std::vector<double> time_bounds_;
  std::vector<double> value_bounds_;
};

// Raises the bound of a layer under even dispatch by models of what devices hold (formulation/patterns.hpp), and adopts
// the better plans that come by. Needs a plan of the layer.
void solve_by_patterns(MilpState& state, int layer, double part);

}  // namespace plimsoll::experts
