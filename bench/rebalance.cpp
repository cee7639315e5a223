// bench_rebalance [--runs N] [--work N] [INSTANCE...]: a rebalancing as a serving system asks for it, on one thread.
#include "plimsoll/rebalance.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <optional>
#include <string>
#include <vector>

#include "bench/table.hpp"
#include "plimsoll/solve.hpp"

namespace plimsoll::bench {
namespace {

// The loads and the shape of an instance; its costs are those of rebalance().
RebalanceRequest request_of(const ExpertInstance& instance) {
  RebalanceRequest request;
  request.load = instance.load;
  request.devices = instance.cluster.devices();
  request.slots = instance.cluster.slots.front() * request.devices;
  if (instance.keep_groups_on_a_node) {
    request.groups = instance.model.groups;
    request.nodes = instance.cluster.nodes;
  }
  request.placement = instance.placement;
  return request;
}

void measure(const std::string& name, const RebalanceRequest& request, RebalanceOptions options, int runs,
             Table& table) {
  std::vector<double> seconds;
  Rebalanced result;
  for (int run = 0; run < runs; ++run) {
    const auto start = std::chrono::steady_clock::now();
    result = rebalance(request, options);
    seconds.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  std::sort(seconds.begin(), seconds.end());
  const bool best = options.mode == RebalanceMode::best;
  table.add({name, best ? "best" : "compatible", shown("%.2f", 1e3 * seconds.front()),
             shown("%.2f", 1e3 * seconds[seconds.size() / 2]), shown("%.1f", *result.certificate.objective),
             shown("%.4f", 100 * *result.certificate.gap), shown("%.5f", result.metrics.imbalance),
             shown("%.5f", result.metrics.worst_imbalance), std::to_string(result.metrics.moves)});
}

int run(int count, char** values) {
  int runs = 20;
  RebalanceOptions options;
  std::vector<std::string> paths;
  for (int k = 1; k < count; ++k) {
    const std::string word = values[k];
    if (word == "--runs" && k + 1 < count) {
      runs = std::max(1, std::stoi(values[++k]));
    } else if (word == "--work" && k + 1 < count) {
      options.work_limit = std::stoull(values[++k]);
    } else {
      paths.push_back(word);
    }
  }
  if (paths.empty()) paths.emplace_back("instances/experts/deepseek-v3-288-32-even.json");
  Table table({"instance", "mode", "min ms", "median ms", "objective", "gap %", "imbalance", "worst layer", "moves"},
              2);
  for (const std::string& path : paths) {
    const ExpertInstance instance = read_experts(path);
    RebalanceRequest request = request_of(instance);
    options.dispatch = instance.dispatch;
    for (const RebalanceMode mode : {RebalanceMode::compatible, RebalanceMode::best}) {
      options.mode = mode;
      // Mode compatible cannot keep a limit.
      request.max_moves = mode == RebalanceMode::best ? instance.limits.max_moves : std::nullopt;
      measure(instance.name, request, options, runs, table);
    }
  }
  table.print();
  return 0;
}

}  // namespace
}  // namespace plimsoll::bench

int main(int count, char** values) {
  try {
    return plimsoll::bench::run(count, values);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_rebalance: %s\n", error.what());
    return 2;
  }
}
