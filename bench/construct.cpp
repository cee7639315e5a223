// bench_construct: how long the methods without a search take for a whole instance, on one thread.
#include <algorithm>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "bench/table.hpp"
#include "plimsoll/solve.hpp"

namespace plimsoll::bench {
namespace {

constexpr int least_runs = 5;
constexpr int most_runs = 51;
constexpr double enough_seconds = 1.0;  // per method and instance

void measure(const ExpertInstance& instance, const std::string& method, Table& table) {
  SolveOptions options;
  options.method = method;
  std::vector<double> seconds;
  double total = 0;
  ExpertSolution solution;
  try {
    for (int run = 0; run < most_runs && (run < least_runs || total < enough_seconds); ++run) {
      solution = solve(instance, options);
      seconds.push_back(solution.seconds);
      total += solution.seconds;
    }
  } catch (const Error& error) {
    if (error.code() != ErrorCode::unsupported) throw;
    return;  // bench_methods says why
  }
  std::sort(seconds.begin(), seconds.end());
  table.add({instance.name, method, std::to_string(seconds.size()), shown("%.2f", 1e3 * seconds.front()),
             shown("%.2f", 1e3 * seconds[seconds.size() / 2]), shown("%.5f", solution.metrics.imbalance),
             shown("%.5f", solution.metrics.worst_imbalance)});
}

int run(int count, char** values) {
  std::vector<std::string> paths(values + 1, values + count);
  if (paths.empty()) {
    for (const char* name : {"deepseek-v3-288-32-weighted", "deepseek-v3-288-32-even", "deepseek-v3-320-64-weighted",
                             "deepseek-v3-288-144-weighted", "kimi-k2-512-128-weighted", "qwen3-235b-drift-weighted",
                             "gpt-oss-120b-128-32-even"}) {
      paths.push_back(std::string("instances/experts/") + name + ".json");
    }
  }
  Table table({"instance", "method", "runs", "min ms", "median ms", "imbalance", "worst layer"}, 2);
  for (const std::string& path : paths) {
    const ExpertInstance instance = read_experts(path);
    for (const char* method : {"wrap", "lpt", "eplb", "shares"}) measure(instance, method, table);
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
    std::fprintf(stderr, "bench_construct: %s\n", error.what());
    return 2;
  }
}
