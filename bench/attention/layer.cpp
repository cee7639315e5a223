// Whole layers, and how their time divides.
#include <algorithm>

#include "bench/attention/world.hpp"
#include "executor/attention/attention_layer.hpp"

namespace plimsoll::bench {

using namespace executor;

// The attention half of a layer of the 10B shape, after `keys` tokens.
void layer(Bench& bench, int keys, bool sparse, int count) {
  AttentionLayerShape shape;
  shape.attention.query_heads = 32;
  shape.sparse = sparse;
  World world(bench, shape.attention, keys, Keys::random, true);
  BlockPool& pool = world.pool;
  AttentionLayer attention(shape, bench.isa, 5, bench.team);
  std::vector<float> hidden(static_cast<std::size_t>(count * shape.width));
  AttentionTimes best;
  std::int64_t shortest = INT64_MAX;
  bench.repeat([&](int) -> double {
    if (pool.free_blocks() < count / block_keys + 2) return -1;
    world.numbers.fill(hidden);
    Sequence fork = world.sequence.fork();
    const NewTokens tokens{&fork, 0, count};
    AttentionTimes times;
    attention.run({&tokens, 1}, count, hidden.data(), bench.workspace, bench.team, &times);
    std::int64_t sum = 0;
    for (const std::int64_t ns : times.ns) sum += ns;
    if (sum < shortest) shortest = sum, best = times;
    return 1e-9 * static_cast<double>(sum);
  });
  const double tokens = count;
  const double seen = keys + 0.5 * (count + 1);
  const double kept = sparse ? std::min(seen, 16.0 * block_keys) : seen;
  const AttentionShape& of = shape.attention;
  const double in = (of.query_heads + 2.0 * of.groups) * of.head_size + (of.groups + 1.0) * of.index_size;
  const double out = of.query_heads * of.head_size;
  double bounds[static_cast<std::size_t>(AttentionPart::count)] = {};
  const auto part = [&](AttentionPart which) -> double& { return bounds[static_cast<std::size_t>(which)]; };
  part(AttentionPart::project_in) = bench.bound(2 * in * shape.width, 2 * in * shape.width * tokens);
  part(AttentionPart::project_out) = bench.bound(2 * out * shape.width, 2 * out * shape.width * tokens);
  part(AttentionPart::index) =
      sparse ? bench.bound(1.07 * of.index_size * keys, 2 * of.groups * of.index_size * seen * tokens) : 0;
  part(AttentionPart::attend) =
      bench.bound(world.key_bytes() * (count > 1 ? keys : kept), world.dense_flops(kept) * tokens);
  const std::string what =
      std::string(sparse ? "MSA" : "dense") + " layer (10B shape), " + shown("%.0f new tokens", tokens);
  bench.table.add({what, shown("%.0f", keys), time_of(static_cast<double>(shortest) * 1e-9), "", ""});
  for (std::size_t k = 0; k < best.ns.size(); ++k) {
    const double seconds = static_cast<double>(best.ns[k]) * 1e-9;
    bench.table.add(
        {std::string("  ") + std::string(name_of(static_cast<AttentionPart>(k))), "", time_of(seconds),
         bounds[k] > 0 ? time_of(bounds[k]) : "",
         shown("%.1f %% of the layer", 100.0 * static_cast<double>(best.ns[k]) / static_cast<double>(shortest)) +
             (bounds[k] > 0 ? shown(", %.0f %% of its bound", 100 * bounds[k] / seconds) : "")});
  }
}

}  // namespace plimsoll::bench
