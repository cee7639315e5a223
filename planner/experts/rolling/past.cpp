#include "planner/experts/rolling/past.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "planner/experts/bound.hpp"
#include "planner/experts/context.hpp"
#include "planner/experts/evaluate.hpp"
#include "planner/experts/shares.hpp"
#include "planner/experts/step/windows.hpp"

namespace plimsoll::experts::rolling {
namespace {

ExpertInstance with_load_of(const StepInstance& instance, int microstep) {
  ExpertInstance one = frame_of(instance);
  one.load = instance.load[static_cast<std::size_t>(microstep)];
  return one;
}

// The unit of imbalance, as metrics have it; 0 without load.
std::vector<double> ideal_seconds(const ExpertInstance& instance) {
  double speed = std::accumulate(instance.cluster.speed.begin(), instance.cluster.speed.end(), 0.0);
  for (const int device : instance.cluster.dead) speed -= instance.cluster.speed[static_cast<std::size_t>(device)];
  std::vector<double> ideal;
  for (std::size_t layer = 0; layer < instance.load.rows(); ++layer) {
    const auto load = instance.load.row(layer);
    ideal.push_back(instance.cost.token_seconds * std::accumulate(load.begin(), load.end(), 0.0) / speed);
  }
  return ideal;
}

}  // namespace

ExpertInstance frame_of(const StepInstance& instance) {
  ExpertInstance frame = instance.experts;
  frame.load =
      Matrix<double>(static_cast<std::size_t>(frame.model.layers), static_cast<std::size_t>(frame.model.experts), 0.0);
  frame.placement.reset();
  frame.limits = {};
  frame.move_seconds = 0;
  return frame;
}

ExpertInstance past_instance(const StepInstance& instance, int first, int last) {
  ExpertInstance past = frame_of(instance);
  for (std::size_t layer = 0; layer < past.load.rows(); ++layer) {
    for (std::size_t expert = 0; expert < past.load.columns(); ++expert) {
      double sum = 0;
      for (int m = first; m < last; ++m) sum += instance.load[static_cast<std::size_t>(m)].at(layer, expert);
      const double mean = sum / (last - first);
      past.load.at(layer, expert) = past.cost.tile_tokens >= 1 ? std::round(mean) : mean;
    }
  }
  return past;
}

StepInstance past_step(const StepInstance& instance, int first, int last) {
  StepInstance past;
  past.experts = frame_of(instance);
  for (int m = first; m < last; ++m) {
    const Matrix<double>& load = past.load.emplace_back(instance.load[static_cast<std::size_t>(m)]);
    for (std::size_t layer = 0; layer < load.rows(); ++layer) {
      for (std::size_t expert = 0; expert < load.columns(); ++expert) {
        past.experts.load.at(layer, expert) += load.at(layer, expert);
      }
    }
  }
  past.schedule = step::default_schedule(last - first, false);
  return past;
}

Score score(const StepInstance& instance, int microstep, const Matrix<int>& slots) {
  ExpertInstance one = with_load_of(instance, microstep);
  one.placement = slots;
  const Prepared prepared(one);
  support::Meter meter(std::numeric_limits<std::uint64_t>::max(), std::nullopt, nullptr);
  Context context(prepared, SolveOptions{}, meter);
  Score result;
  if (!offer_standing(prepared, context)) {
    result.violations.push_back(context.last_violation());
    return result;
  }
  const Evaluation evaluation = evaluate(one, *context.best());
  result.imbalance = evaluation.metrics.imbalance;
  result.worst_imbalance = evaluation.metrics.worst_imbalance;
  result.violations = evaluation.violations;
  const std::vector<double> ideal = ideal_seconds(one);
  for (std::size_t layer = 0; layer < ideal.size(); ++layer) {
    const auto seconds = evaluation.device_seconds.row(layer);
    result.layers.push_back(ideal[layer] > 0 ? *std::max_element(seconds.begin(), seconds.end()) / ideal[layer] : 0.0);
  }
  return result;
}

double least_imbalance(const StepInstance& instance, int microstep) {
  const ExpertInstance one = with_load_of(instance, microstep);
  const Prepared prepared(one);
  if (!prepared.impossible.empty()) return 1;
  const Bounds bounds = quick_bounds(prepared);
  const std::vector<double> ideal = ideal_seconds(one);
  double sum = 0;
  double layers = 0;
  for (std::size_t layer = 0; layer < ideal.size(); ++layer) {
    if (!(ideal[layer] > 0)) continue;
    sum += bounds.layers[layer].seconds / ideal[layer];
    ++layers;
  }
  return layers > 0 ? sum / layers : 1;
}

}  // namespace plimsoll::experts::rolling
