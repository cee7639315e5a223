// The index branch alone: what its forms read, and the selection.
#include "bench/attention/sparse_step.hpp"
#include "executor/attention/top_k.hpp"

namespace plimsoll::bench {

using namespace executor;

void index_traffic(Bench& bench, int keys) {
  AttentionShape shape;
  shape.query_heads = 4;
  shape.head_size = 16;
  for (const Keys kind : {Keys::random, Keys::tight, Keys::clustered, Keys::topical, Keys::outlier_channels}) {
    World world(bench, shape, keys, kind, true);
    double flat = 0;
    for (const IndexForm form : index_forms) {
      const SparseTimes times = sparse_step(bench, world, form, 1, SparseOrder::by_query);
      const auto bytes = static_cast<double>(times.traffic.bytes());
      if (form == IndexForm::quantised) flat = bytes;
      std::string note = shown("%.1f MB", bytes * 1e-6);
      if (flat > 0) note += shown(", %.3f of flat int8", bytes / flat);
      note += shown(", %.0f blocks rescored", static_cast<double>(times.traffic.rescored));
      bench.table.add({std::string("index branch, ") + key_names[static_cast<int>(kind)] + " keys, " +
                           form_names[static_cast<int>(form)],
                       shown("%.0f", keys), time_of(times.index), "", note + times.verdict()});
    }
  }
}

void top_k_alone(Bench& bench) {
  constexpr int blocks = 8192;
  constexpr int groups = 4;
  Numbers numbers(3);
  std::vector<float> scores(blocks * groups);
  std::vector<Ranked> best(16);
  const double seconds = bench.best([&] { numbers.fill(scores); },
                                    [&] {
                                      for (int group = 0; group < groups; ++group) {
                                        (void)top_k({&scores[static_cast<std::size_t>(group) * blocks], blocks}, best);
                                      }
                                    });
  bench.table.add({"top-k alone, 4 groups, k 16", "8192 blocks", time_of(seconds), "", "one thread"});
}

}  // namespace plimsoll::bench
