// Many new tokens of a sequence.
#include <algorithm>

#include "bench/attention/sparse_step.hpp"
#include "executor/attention/dense.hpp"

namespace plimsoll::bench {

using namespace executor;

namespace {

// The last `count` queries of the world, dense.
double dense_seconds(Bench& bench, World& world, int count) {
  std::vector<float> queries = world.queries(count);
  world.numbers.fill(queries);
  std::vector<float> outputs = queries;
  return bench.best([] {},
                    [&] {
                      dense_attention(world.shape, block_kernels(bench.isa, world.shape.type), world.scale,
                                      world.last(count), queries.data(), outputs.data(), nullptr, bench.workspace,
                                      bench.team);
                    });
}

}  // namespace

void dense_prefill(Bench& bench, int queries) {
  World world(bench, {}, queries, Keys::random, false);
  const double seconds = dense_seconds(bench, world, queries);
  const double flops = world.dense_flops(0.5 * queries * (queries + 1.0));
  bench.table.add({"dense prefill", shown("%.0f", queries), time_of(seconds), time_of(bench.bound(0, flops)),
                   shown("%.1f %% of peak", 100 * bench.bound(0, flops) / seconds)});
}

void sparse_prefill(Bench& bench, int keys) {
  constexpr int count = 256;
  World world(bench, {}, keys, Keys::random, true);
  double shortest = 1e30;
  for (const IndexForm form : {IndexForm::exact, IndexForm::quantised}) {
    const SparseTimes times = sparse_step(bench, world, form, count, SparseOrder::by_block);
    shortest = std::min(shortest, times.seconds());
    bench.table.add({std::string("MSA prefill, last 256, ") + form_names[static_cast<int>(form)], shown("%.0f", keys),
                     time_of(times.seconds()), "",
                     "index " + time_of(times.index) + ", main " + time_of(times.main) + times.verdict()});
  }
  // A tile of dense prefill per group costs the same for every 6 queries; 24 of them are 4 tiles.
  constexpr int some = 24;
  const double seconds = dense_seconds(bench, world, some) * count / some;
  bench.table.add({"dense prefill, last 256 (24 measured)", shown("%.0f", keys), time_of(seconds), "",
                   shown("%.1f times the best MSA", seconds / shortest) +
                       shown(", %.1f %% of peak", 100 * bench.bound(0, world.dense_flops(keys) * count) / seconds)});
}

void sparse_orders(Bench& bench, int keys) {
  World world(bench, {}, keys, Keys::random, true);
  for (const SparseOrder order : {SparseOrder::by_query, SparseOrder::by_block}) {
    const SparseTimes times = sparse_step(bench, world, IndexForm::exact, keys, order);
    const double flops = world.dense_flops(keys * std::min(16.0 * block_keys, 0.5 * keys));
    bench.table.add({std::string("MSA prefill, all, ") + (order == SparseOrder::by_query ? "by query" : "by block"),
                     shown("%.0f", keys), time_of(times.seconds()), "",
                     "index " + time_of(times.index) + ", main " + time_of(times.main) +
                         shown(" (%.0f %% of peak)", 100 * bench.bound(0, flops) / times.main)});
  }
}

}  // namespace plimsoll::bench
