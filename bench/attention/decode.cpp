// One new token of a long sequence.
#include "bench/attention/sparse_step.hpp"
#include "executor/attention/dense.hpp"

namespace plimsoll::bench {

using namespace executor;

void dense_decode(Bench& bench, int keys) {
  World world(bench, {}, keys, Keys::random, false);
  std::vector<float> queries = world.queries(1);
  std::vector<float> outputs = queries;
  const double seconds =
      bench.best([&] { world.numbers.fill(queries); },
                 [&] {
                   dense_attention(world.shape, block_kernels(bench.isa, world.shape.type), world.scale, world.last(1),
                                   queries.data(), outputs.data(), nullptr, bench.workspace, bench.team);
                 });
  const double bytes = world.key_bytes() * keys;
  const double bound = bench.bound(bytes, world.dense_flops(keys));
  bench.table.add({"dense decode", shown("%.0f", keys), time_of(seconds), time_of(bound),
                   shown("%.2f x bound", seconds / bound) + ", bytes " + time_of(bench.bound(bytes, 0)) + ", flops " +
                       time_of(bench.bound(0, world.dense_flops(keys)))});
}

void sparse_decode(Bench& bench, int keys) {
  World world(bench, {}, keys, Keys::random, true);
  for (const IndexForm form : index_forms) {
    const SparseTimes times = sparse_step(bench, world, form, 1, SparseOrder::by_query);
    const double bytes = 256.0 * keys + 16 * block_keys * world.key_bytes();
    const double bound = bench.bound(bytes, 0);
    bench.table.add({std::string("MSA decode, ") + form_names[static_cast<int>(form)], shown("%.0f", keys),
                     time_of(times.seconds()), time_of(bound),
                     shown("%.2f x bf16 byte bound", times.seconds() / bound) + ", index " + time_of(times.index) +
                         ", main " + time_of(times.main) + times.verdict()});
  }
}

}  // namespace plimsoll::bench
