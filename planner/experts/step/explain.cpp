#include "planner/experts/step/explain.hpp"

#include <algorithm>
#include <limits>

#include "planner/common/certify.hpp"
#include "planner/experts/step/bound.hpp"
#include "planner/experts/step/explain_links.hpp"
#include "planner/experts/step/prepare.hpp"
#include "planner/experts/step/solve.hpp"
#include "support/meter.hpp"
#include "support/print.hpp"

namespace plimsoll::experts::step {
namespace {

using support::print;

constexpr std::size_t most_rows = 10;
constexpr double closed_tolerance = 1e-9;  // of a layer's seconds

// 1 for a forward pass, backward_ratio more where the micro-step goes backward, too.
std::vector<double> passes_of(const StepInstance& instance) {
  std::vector<double> passes(static_cast<std::size_t>(instance.microsteps()), 0.0);
  for (const ScheduledPass& pass : instance.schedule) {
    passes[static_cast<std::size_t>(pass.microstep)] += pass.pass == Pass::forward ? 1.0 : instance.backward_ratio;
  }
  return passes;
}

double part(double value, double whole) { return whole > 0 ? 100 * value / whole : 0.0; }

void explain_time(const Evaluation& evaluation, const Bounds& bounds, std::string& text) {
  const StepMetrics& metrics = evaluation.metrics;
  double windows = 0;
  for (const double seconds : evaluation.window_seconds) windows += seconds;
  print(text, "objective %.9g seconds, bound %.9g (%s), gap %.3f%%\n", evaluation.objective, bounds.objective,
        bounds.method.c_str(), 100 * common::gap_of(evaluation.objective, bounds.objective));
  print(text, "the step takes %.9g seconds:\n", metrics.step_seconds);
  const auto row = [&](const char* what, double seconds) {
    print(text, "  %-42s %12.6g  %6.2f%%\n", what, seconds, part(seconds, metrics.step_seconds));
  };
  row("experts, on the device that takes longest", metrics.expert_seconds);
  row("all else in windows, communication included", std::max(0.0, windows - metrics.expert_seconds));
  row("waiting for transfers", metrics.exposed_seconds);
  print(text, "imbalance %.4f mean, %.4f in the worst layer of a micro-step\n\n", metrics.imbalance,
        metrics.worst_imbalance);
}

void explain_devices(const StepInstance& instance, const StepPlan& plan, const Evaluation& evaluation,
                     std::string& text) {
  const auto devices = static_cast<std::size_t>(instance.experts.cluster.devices());
  const std::vector<double> busy = busy_seconds(instance, evaluation);
  std::vector<std::size_t> last(devices, 0);
  for (const Matrix<double>& seconds : evaluation.device_seconds) {
    for (std::size_t layer = 0; layer < seconds.rows(); ++layer) {
      const auto row = seconds.row(layer);
      const double longest = *std::max_element(row.begin(), row.end());
      for (std::size_t device = 0; device < devices; ++device) {
        if (row[device] > 0 && row[device] >= longest) ++last[device];
      }
    }
  }
  std::vector<std::size_t> received(devices, 0);
  for (const Transfer& transfer : plan.transfers) {
    if (transfer.kind == TransferKind::weights) ++received[static_cast<std::size_t>(transfer.to)];
  }
  text += "device  busy seconds  of the step  ends last in  experts received\n";
  const auto& dead = instance.experts.cluster.dead;
  for (std::size_t device = 0; device < devices; ++device) {
    print(text, "%6zu  %12.6g  %10.2f%%  %4zu windows  %16zu%s\n", device, busy[device],
          part(busy[device], evaluation.metrics.step_seconds), last[device], received[device],
          std::count(dead.begin(), dead.end(), static_cast<int>(device)) > 0 ? "  (dead)" : "");
  }
}

void explain_open(const Evaluation& evaluation, const Bounds& bounds, const std::vector<double>& passes,
                  std::string& text) {
  struct Row {
    std::size_t microstep;
    std::size_t layer;
    double seconds;
    double open;  // over all passes
  };
  const Matrix<double> largest = largest_seconds(evaluation);
  std::vector<Row> rows;
  for (std::size_t m = 0; m < largest.rows(); ++m) {
    for (std::size_t l = 0; l < largest.columns(); ++l) {
      const double seconds = largest.at(m, l);
      const double open = seconds - bounds.seconds.at(m, l);
      if (open > closed_tolerance * seconds) rows.push_back({m, l, seconds, passes[m] * open});
    }
  }
  if (rows.empty()) {
    text += "\nno layer leaves anything between plan and bound\n";
    return;
  }
  std::stable_sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) { return a.open > b.open; });
  const std::size_t shown = std::min(rows.size(), most_rows);
  print(text, "\nlayers with most left between plan and bound (%zu of %zu that leave something)\n", shown, rows.size());
  text += "micro-step  layer       seconds         bound     open  of the step  device that ends last\n";
  for (std::size_t k = 0; k < shown; ++k) {
    const Row& row = rows[k];
    const auto busy = evaluation.device_seconds[row.microstep].row(row.layer);
    print(text, "%10zu  %5zu  %12.6g  %12.6g  %6.3f%%  %10.3f%%  %d\n", row.microstep, row.layer, row.seconds,
          bounds.seconds.at(row.microstep, row.layer), part(row.open, passes[row.microstep] * row.seconds),
          part(row.open, evaluation.metrics.step_seconds),
          static_cast<int>(std::max_element(busy.begin(), busy.end()) - busy.begin()));
  }
}

}  // namespace

std::vector<double> busy_seconds(const StepInstance& instance, const Evaluation& evaluation) {
  std::vector<double> busy(static_cast<std::size_t>(instance.experts.cluster.devices()), 0.0);
  const std::vector<double> passes = passes_of(instance);
  for (std::size_t m = 0; m < evaluation.device_seconds.size(); ++m) {
    const Matrix<double>& seconds = evaluation.device_seconds[m];
    for (std::size_t layer = 0; layer < seconds.rows(); ++layer) {
      for (std::size_t device = 0; device < busy.size(); ++device)
        busy[device] += passes[m] * seconds.at(layer, device);
    }
  }
  return busy;
}

std::string explain(const StepInstance& instance, const StepPlan& plan) {
  const Evaluation evaluation = evaluate(instance, plan);
  std::string text;
  if (!evaluation.violations.empty()) {
    text = "The plan breaks the instance; the figures below are those of the plan as it is.\n";
    const std::size_t shown = std::min(evaluation.violations.size(), most_rows);
    for (std::size_t k = 0; k < shown; ++k) text += "  " + evaluation.violations[k] + "\n";
    if (evaluation.device_seconds.empty() || evaluation.window_start.empty()) return text;
  }
  const Prepared prepared(instance);
  support::Meter meter(std::numeric_limits<std::uint64_t>::max(), std::nullopt, nullptr);
  Bounds bounds = quick_bounds(prepared);
  tighten(prepared, largest_seconds(evaluation), 1, meter, bounds);
  explain_time(evaluation, bounds, text);
  explain_devices(instance, plan, evaluation, text);
  explain_waiting(instance, plan, prepared.windows, evaluation, text);
  explain_links(instance, plan, evaluation, text);
  explain_open(evaluation, bounds, passes_of(instance), text);
  return text;
}

}  // namespace plimsoll::experts::step
