#include "planner/experts/formulation/milp_state.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "planner/common/backend.hpp"
#include "planner/experts/evaluate.hpp"
#include "planner/experts/formulation/layer_rows.hpp"
#include "planner/experts/search/assemble.hpp"
#include "support/rounding.hpp"

namespace plimsoll::experts {

namespace mip = solvers::mip;

namespace {

constexpr double closed_gap = 2e-10;

}  // namespace

MilpState::MilpState(const Prepared& prepared, Context& context, mip::Backend backend)
    : prepared_(prepared),
      context_(context),
      backend_(backend),
      name_(common::milp_name(backend)),
      plans_(static_cast<std::size_t>(prepared.layers)) {
  take_bounds();
}

void MilpState::take_bounds() {
  time_bounds_.clear();
  for (const LayerBound& layer : context_.bounds().layers) time_bounds_.push_back(layer.seconds);
  value_bounds_ = time_bounds_;
}

void MilpState::take_best() {
  const ExpertPlan& plan = *context_.best();
  const Evaluation evaluation = evaluate(prepared_.instance, plan);
  for (int layer = 0; layer < prepared_.layers; ++layer) {
    const auto l = static_cast<std::size_t>(layer);
    plans_[l] = layer_of(prepared_, plan, layer);
    measure(plans_[l], layer, evaluation.layer_seconds[l] - prepared_.instance.cost.other_seconds);
  }
}

void MilpState::measure(LayerPlan& plan, int layer, double seconds) const {
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

double MilpState::value(const LayerPlan& plan) const {
  return plan.seconds + prepared_.instance.move_seconds * static_cast<double>(plan.moves);
}

bool MilpState::complete() const {
  return std::all_of(plans_.begin(), plans_.end(), [](const LayerPlan& plan) { return plan.feasible; });
}

bool MilpState::adopt(int layer, LayerPlan plan) {
  std::vector<LayerPlan> plans = plans_;
  plan.feasible = true;
  plan.seconds = mip::infinity;
  plans[static_cast<std::size_t>(layer)] = std::move(plan);
  if (!complete()) {
    plans_ = plans;
    if (!complete()) return true;
  }
  return adopt(std::move(plans));
}

bool MilpState::adopt(std::vector<LayerPlan> plans) {
  if (!context_.offer(assemble(prepared_, plans))) return false;
  take_best();
  return true;
}

void MilpState::raise_time_bound(int layer, double seconds) {
  double& known = time_bounds_[static_cast<std::size_t>(layer)];
  known = std::max(known, seconds);
  raise_value_bound(layer, seconds);
}

void MilpState::raise_value_bound(int layer, double value) {
  double& known = value_bounds_[static_cast<std::size_t>(layer)];
  known = std::max(known, value);
  if (prepared_.instance.move_seconds > 0) return;
  double& time = time_bounds_[static_cast<std::size_t>(layer)];
  time = std::max(time, value);
}

bool MilpState::closed(int layer) const {
  return has_plan(layer) && value(plan(layer)) - value_bound(layer) <= closed_gap * value(plan(layer));
}

void MilpState::raise_sum() {
  const double sum = std::accumulate(value_bounds_.begin(), value_bounds_.end(), 0.0) +
                     prepared_.instance.cost.other_seconds * static_cast<double>(prepared_.layers);
  raise_objective_bound(support::rounded_down(sum));
}

void MilpState::raise_objective_bound(double value) {
  if (!(value > 0) || std::isinf(value)) return;
  if (context_.objective()) value = std::min(value, *context_.objective());
  context_.raise_bound(value, name_, BoundEvidence::backend);
}

void MilpState::exclude(const std::string& what) {
  context_.exclude(what + " (proven by " + std::string(common::program_name(backend_)) + ")", name_,
                   BoundEvidence::backend);
}

std::optional<double> MilpState::seconds_left() const {
  if (!context_.options().time_limit_seconds) return std::nullopt;
  return std::max(0.0, *context_.options().time_limit_seconds - context_.meter().seconds());
}

bool MilpState::can_pay(const mip::Model& model) const { return common::can_pay(context_.meter(), model); }

mip::Options MilpState::options(const mip::Model& model, double part) const {
  return common::backend_options(context_.options(), context_.meter(), model, part);
}

mip::Result MilpState::solve(const mip::Model& model, const mip::Options& options) {
  mip::Result result = common::solve_counted(model, backend_, options, context_.meter());
  context_.report();
  return result;
}

}  // namespace plimsoll::experts
