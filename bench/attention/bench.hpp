// What the rows of bench_attention share: options, threads, and ceilings that are measured again between the iterations
// of every row (executor/ceilings/ceiling_watch.hpp).
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "bench/table.hpp"
#include "executor/attention/workspace.hpp"
#include "executor/ceilings/ceiling_watch.hpp"
#include "executor/kernels/isa.hpp"
#include "executor/threads/team.hpp"

namespace plimsoll::bench {

struct Options {
  std::vector<std::string> rows;
  std::vector<int> keys;
  int threads = 0;
  double seconds = 2;
  bool shuffled = false;
};

struct Bench {
  Options options;
  executor::Isa isa;
  executor::Team team;
  executor::CeilingWatch watch;
  executor::AttentionWorkspace workspace;
  Table table{{"what", "keys", "time", "bound", "figure"}, 1};

  explicit Bench(const Options& of);

  [[nodiscard]] bool wants(const char* row, bool by_default) const;
  [[nodiscard]] std::vector<int> keys_or(std::vector<int> standard) const;
  // Calls turn(number), which returns the seconds of what it timed or a negative number to end, until the time for a
  // row is over, twice at least, with ceilings between. A call of four times that time ends it.
  void repeat(const std::function<double(int number)>& turn);
  // Best time of one call; `prepare` comes before each, untimed.
  double best(const std::function<void()>& prepare, const std::function<void()>& work);
  // By the ceilings of the row's own time.
  [[nodiscard]] double bound(double bytes, double flops) { return watch.period().bound(bytes, flops); }
  [[nodiscard]] double peak() { return watch.period().bf16_flops; }
};

[[nodiscard]] double now();  // seconds
[[nodiscard]] std::string time_of(double seconds);

// The rows; each adds its lines to the table.
void dense_decode(Bench& bench, int keys);
void dense_prefill(Bench& bench, int queries);
void sparse_decode(Bench& bench, int keys);
void sparse_prefill(Bench& bench, int keys);
void sparse_orders(Bench& bench, int keys);
void index_traffic(Bench& bench, int keys);
void top_k_alone(Bench& bench);
void projections(Bench& bench);
void layer(Bench& bench, int keys, bool sparse, int tokens);

}  // namespace plimsoll::bench
