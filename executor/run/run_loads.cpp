#include "executor/run/run_loads.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <type_traits>
#include <utility>

#include "executor/routing/apportion.hpp"
#include "executor/routing/planned_routing.hpp"
#include "plimsoll/error.hpp"

namespace plimsoll::executor {

PartBounds bounds_of(const RunPart& part, int layers, int microsteps) {
  if (part.first_layer < 0 || part.first_layer >= layers) {
    throw Error(ErrorCode::usage,
                "layer " + std::to_string(part.first_layer) + " is none of the instance's " + std::to_string(layers));
  }
  const int left = layers - part.first_layer;
  if (part.layers < 0 || part.layers > left) {
    throw Error(ErrorCode::usage, std::to_string(part.layers) + " layers from layer " +
                                      std::to_string(part.first_layer) + " on are more than the " +
                                      std::to_string(left) + " that are left");
  }
  if (part.microsteps < 0 || part.microsteps > microsteps) {
    throw Error(ErrorCode::usage, std::to_string(part.microsteps) + " micro-steps are more than the instance's " +
                                      std::to_string(microsteps));
  }
  return {part.first_layer, part.layers == 0 ? left : part.layers, part.microsteps == 0 ? microsteps : part.microsteps};
}

double load_scale(const RunPart& part, double largest_sum) {
  return part.tokens > 0 && largest_sum > 0 ? part.tokens / largest_sum : 1.0;
}

std::vector<std::int64_t> scaled_loads(std::span<const double> load, double scale) {
  const double sum = std::accumulate(load.begin(), load.end(), 0.0) * scale;
  return whole_loads(load, static_cast<std::int64_t>(std::llround(sum)));
}

Window window_of(const ExpertPlan& plan, int row, std::span<const int> columns_of_device,
                 std::vector<std::int64_t> load) {
  Window window;
  const auto index = static_cast<std::size_t>(row);
  const auto take = [&](const auto& table, auto& into) {
    if (table.empty()) return;
    into = std::decay_t<decltype(table)>(1, table.columns());
    const auto from = table.row(index);
    std::copy(from.begin(), from.end(), into.row(0).begin());
  };
  take(plan.slots, window.row.slots);
  take(plan.shares, window.row.shares);
  take(plan.tokens, window.row.tokens);
  window.replicas.resize(columns_of_device.size());
  int column = 0;
  for (std::size_t device = 0; device < columns_of_device.size(); ++device) {
    for (int slot = 0; slot < columns_of_device[device]; ++slot, ++column) {
      const int expert = window.row.slots.at(0, static_cast<std::size_t>(column));
      if (expert >= 0) window.replicas[device].push_back({expert, slot, column, 0, 0, -1});
    }
  }
  window.load = std::move(load);
  hand_out_tokens(window, window.load);
  return window;
}

std::vector<int> tokens_of_microsteps(const RunPlan& plan, int top_k) {
  std::vector<int> tokens;
  for (const Window& window : plan.windows) {
    const auto microstep = static_cast<std::size_t>(window.microstep);
    if (microstep >= tokens.size()) tokens.resize(microstep + 1, 0);
    tokens[microstep] = std::max(tokens[microstep], static_cast<int>(planned_tokens(window.load, top_k)));
  }
  return tokens;
}

void hand_out_tokens(Window& window, std::span<const std::int64_t> load) {
  const std::vector<TokenRange> ranges = apportion(window.row, 0, load);
  for (auto& on_device : window.replicas) {
    for (RunReplica& replica : on_device) {
      const TokenRange& range = ranges[static_cast<std::size_t>(replica.column)];
      replica.first = range.begin;
      replica.tokens = range.size();
    }
  }
}

}  // namespace plimsoll::executor
