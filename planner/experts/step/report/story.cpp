#include "planner/experts/step/report/story.hpp"

#include <algorithm>
#include <numeric>

#include "planner/experts/step/search/baseline.hpp"
#include "planner/experts/step/solve.hpp"

namespace plimsoll::experts::step {
namespace {

double live_speed(const Prepared& prepared) {
  double speed = 0;
  for (int device = 0; device < prepared.devices; ++device) {
    if (prepared.columns.alive[static_cast<std::size_t>(device)]) speed += prepared.columns.speed(device);
  }
  return speed;
}

}  // namespace

double Story::last_end() const {
  return after.window_start.empty() ? 0.0 : after.window_start.back() + after.window_seconds.back();
}

double Story::tail() const { return std::max(0.0, after.metrics.step_seconds - last_end()); }

StepPlan base_alone(const Prepared& prepared, const StepPlan& plan) { return even_plan(prepared, plan.base); }

Matrix<double> ideal_seconds(const Prepared& prepared) {
  Matrix<double> ideal(static_cast<std::size_t>(prepared.microsteps), static_cast<std::size_t>(prepared.layers), 0.0);
  const double speed = live_speed(prepared);
  for (int microstep = 0; microstep < prepared.microsteps; ++microstep) {
    for (int layer = 0; layer < prepared.layers; ++layer) {
      const auto load = prepared.load(microstep, layer);
      ideal.at(static_cast<std::size_t>(microstep), static_cast<std::size_t>(layer)) =
          prepared.instance.experts.cost.token_seconds * std::accumulate(load.begin(), load.end(), 0.0) / speed;
    }
  }
  return ideal;
}

Breakdown break_down(const Prepared& prepared, const Evaluation& evaluation) {
  const Matrix<double> largest = largest_seconds(evaluation);
  const double speed = live_speed(prepared);
  Breakdown parts;
  for (std::size_t w = 0; w < prepared.windows.size(); ++w) {
    const Window& window = prepared.windows[w];
    const auto microstep = static_cast<std::size_t>(window.microstep);
    const auto layer = static_cast<std::size_t>(window.layer);
    const double ratio = window.pass == Pass::forward ? 1.0 : prepared.instance.backward_ratio;
    double work = 0;  // seconds at speed 1
    for (int device = 0; device < prepared.devices; ++device) {
      work += evaluation.device_seconds[microstep].at(layer, static_cast<std::size_t>(device)) *
              prepared.columns.speed(device);
    }
    const double compute = ratio * largest.at(microstep, layer);
    const double other = ratio * prepared.instance.experts.cost.other_seconds;
    parts.balanced += ratio * work / speed;
    parts.imbalance += compute - ratio * work / speed;
    parts.other += other;
    const double rest = evaluation.window_seconds[w] - compute - other;
    if (rest > 1e-12 * evaluation.window_seconds[w]) parts.communication += rest;
  }
  parts.exposed = evaluation.metrics.exposed_seconds;
  parts.moves = prepared.instance.experts.move_seconds * static_cast<double>(evaluation.metrics.moves);
  return parts;
}

}  // namespace plimsoll::experts::step
