// Attention against what this machine can do: ceilings are measured again between the iterations of every row, each
// iteration has a fresh query, and the best of both count.
//
//   bench_attention [rows...] [--keys N] [--threads T] [--seconds S] [--shuffled]
//
// Rows: dense-decode, dense-prefill, sparse-decode, traffic, top-k, projections, layer, sparse-prefill, orders. Without
// any: all but sparse-prefill and orders, which take minutes. --keys replaces the numbers of keys of the table.
#include <cstdio>
#include <cstdlib>
#include <string>

#include "bench/attention/bench.hpp"
#include "executor/telemetry/busy.hpp"
#include "plimsoll/error.hpp"

namespace plimsoll::bench {
namespace {

Options parse(int count, char** words) {
  Options options;
  for (int k = 1; k < count; ++k) {
    const std::string word = words[k];
    const char* next = k + 1 < count ? words[k + 1] : "0";
    if (word == "--keys")
      options.keys.push_back(std::atoi(next)), ++k;
    else if (word == "--threads")
      options.threads = std::atoi(next), ++k;
    else if (word == "--seconds")
      options.seconds = std::atof(next), ++k;
    else if (word == "--shuffled")
      options.shuffled = true;
    else
      options.rows.push_back(word);
  }
  return options;
}

int run(int count, char** words) {
  Bench bench(parse(count, words));
  const executor::BusyMeter busy;
  for (const int keys : bench.keys_or({32768, 131072, 1 << 20})) {
    if (bench.wants("dense-decode", true)) dense_decode(bench, keys);
    if (bench.wants("sparse-decode", true)) sparse_decode(bench, keys);
  }
  if (bench.wants("dense-prefill", true)) dense_prefill(bench, bench.keys_or({4096}).front());
  if (bench.wants("traffic", true)) index_traffic(bench, bench.keys_or({1 << 20}).front());
  if (bench.wants("top-k", true)) top_k_alone(bench);
  if (bench.wants("projections", true)) projections(bench);
  if (bench.wants("sparse-prefill", false)) sparse_prefill(bench, bench.keys_or({1 << 20}).front());
  if (bench.wants("orders", false)) {
    for (const int keys : bench.keys_or({2048, 8192, 32768})) sparse_orders(bench, keys);
  }
  if (bench.wants("layer", true)) {
    for (const bool sparse : {true, false}) {
      for (const int tokens : {1, 512}) layer(bench, bench.keys_or({32768}).front(), sparse, tokens);
    }
  }
  bench.table.print();
  std::printf("others had %.0f %% of the machine meanwhile\n", 100 * busy.other());
  return 0;
}

}  // namespace
}  // namespace plimsoll::bench

int main(int count, char** words) {
  try {
    return plimsoll::bench::run(count, words);
  } catch (const plimsoll::Error& error) {
    std::fprintf(stderr, "bench_attention: %s %s\n", error.what(), error.advice().c_str());
    return 1;
  }
}
