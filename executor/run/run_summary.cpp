#include "executor/run/run_summary.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace plimsoll::executor {
namespace {

double largest(const std::vector<double>& values) {
  return values.empty() ? 0 : *std::max_element(values.begin(), values.end());
}

// Devices of a seat one after the other, all seats at once.
double with_turns(const std::vector<double>& device_seconds, int seats) {
  std::vector<double> seat_seconds(static_cast<std::size_t>(seats), 0);
  for (std::size_t d = 0; d < device_seconds.size(); ++d) {
    seat_seconds[d % static_cast<std::size_t>(seats)] += device_seconds[d];
  }
  return largest(seat_seconds);
}

PredictionError error_of(std::vector<double> errors) {
  PredictionError result;
  result.count = errors.size();
  if (errors.empty()) return result;
  std::sort(errors.begin(), errors.end());
  const auto at = [&](double quantile) {
    return errors[static_cast<std::size_t>(quantile * static_cast<double>(errors.size() - 1) + 0.5)];
  };
  result.median = at(0.5);
  result.p95 = at(0.95);
  result.worst = errors.back();
  return result;
}

TransferSummary summarise_transfers(const RunPlan& plan, const RunResult& result, double dilation) {
  TransferSummary summary;
  summary.count = plan.transfers.size();
  for (std::size_t w = 0; w < result.windows.size(); ++w) {
    summary.waited += result.windows[w].waited;
    summary.planned_exposed += plan.prediction.waited[w] * dilation;
  }
  for (std::size_t t = 0; t < plan.transfers.size(); ++t) {
    const RunTransfer& transfer = plan.transfers[t];
    summary.planned_seconds += (transfer.planned.end_seconds - transfer.planned.start_seconds) * dilation;
    const auto needed = static_cast<std::size_t>(transfer.needed_by);
    if (needed >= result.windows.size()) continue;
    const WindowTimes& window = result.windows[needed];
    // Microseconds pass between an arrival and the window that was waiting for it.
    const double asked = window.start - window.waited;
    if (result.transfers[t].end > asked && plan.prediction.waited[needed] <= 0) {
      ++summary.late;
      summary.latest = std::max(summary.latest, result.transfers[t].end - asked);
    }
  }
  return summary;
}

void add(const IndexTraffic& more, IndexTraffic& sum) {
  sum.exact_bytes += more.exact_bytes;
  sum.quantised_bytes += more.quantised_bytes;
  sum.bound_bytes += more.bound_bytes;
  sum.rescored += more.rescored;
}

}  // namespace

RunSummary summarise(const RunPlan& plan, const RunResult& result, const ModelShape& shape, std::size_t expert_bytes,
                     int seats) {
  RunSummary summary;
  summary.seconds = result.seconds;
  summary.device_busy.assign(static_cast<std::size_t>(plan.devices), 0);
  std::vector<double> errors;
  double mean_predicted = 0;
  double mean_measured = 0;
  const auto live = static_cast<double>(std::max<std::ptrdiff_t>(
      1, std::count_if(plan.slots.begin(), plan.slots.end(), [](int slots) { return slots > 0; })));
  for (std::size_t w = 0; w < result.windows.size(); ++w) {
    const WindowTimes& times = result.windows[w];
    const std::vector<double>& predicted = plan.prediction.device_seconds[w];
    summary.window_seconds += times.seconds;
    summary.expert_seconds += times.expert_seconds;
    summary.attention_seconds += times.attention.seconds;
    add(times.attention.times.traffic, summary.index_traffic);
    summary.predicted_seconds += with_turns(predicted, seats);
    summary.busiest_predicted += largest(predicted);
    summary.busiest_measured += largest(times.device_seconds);
    mean_predicted += std::accumulate(predicted.begin(), predicted.end(), 0.0) / live;
    mean_measured += std::accumulate(times.device_seconds.begin(), times.device_seconds.end(), 0.0) / live;
    for (std::size_t d = 0; d < times.device_seconds.size(); ++d) {
      summary.device_busy[d] += times.device_seconds[d];
      for (const RunReplica& replica : plan.windows[w].replicas[d]) {
        summary.flops += flops_per_token(shape.expert) * static_cast<double>(replica.tokens);
        if (replica.tokens > 0) summary.weight_bytes += static_cast<double>(expert_bytes);
      }
      if (predicted[d] > 0) errors.push_back(std::abs(times.device_seconds[d] - predicted[d]) / predicted[d]);
    }
  }
  if (mean_predicted > 0) summary.imbalance_predicted = summary.busiest_predicted / mean_predicted;
  if (mean_measured > 0) summary.imbalance_measured = summary.busiest_measured / mean_measured;
  summary.error = error_of(std::move(errors));
  summary.parts = layer_parts(plan, result, shape, {summary.flops, summary.weight_bytes});
  summary.transfers =
      summarise_transfers(plan, result, static_cast<double>(plan.devices) / std::min(plan.devices, seats));
  return summary;
}

}  // namespace plimsoll::executor
