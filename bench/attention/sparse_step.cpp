#include "bench/attention/sparse_step.hpp"

namespace plimsoll::bench {

using namespace executor;

SparseTimes sparse_step(Bench& bench, World& world, IndexForm form, int count, SparseOrder order) {
  const Selection selection;
  const int slots = selection_slots(selection);
  std::vector<float> queries = world.queries(count);
  std::vector<float> outputs = queries;
  std::vector<float> index_queries = world.index_queries(count);
  std::vector<std::int32_t> selected(static_cast<std::size_t>(count * world.shape.groups * slots));
  std::vector<std::int32_t> expected = selected;
  const std::vector<QueryRun> runs = world.last(count);
  const auto select = [&](IndexForm of, std::vector<std::int32_t>& into) {
    return select_blocks({world.shape, selection, of, bench.isa}, runs, index_queries.data(), into.data(),
                         bench.workspace, bench.team);
  };
  SparseTimes best;
  bench.repeat([&](int turn) {
    world.numbers.fill(queries);
    world.fill_index_queries(index_queries);
    const double from = now();
    const IndexTraffic traffic = select(form, selected);
    const double between = now();
    sparse_attention(world.shape, block_kernels(bench.isa, world.shape.type), world.scale, order, runs, queries.data(),
                     selected.data(), slots, outputs.data(), nullptr, bench.workspace, bench.team);
    const double end = now();
    if (form != IndexForm::exact && turn < 3) {
      (void)select(IndexForm::exact, expected);
      best.identical = best.identical && expected == selected;
    }
    if (end - from < best.seconds()) {
      best.index = between - from;
      best.main = end - between;
      best.traffic = traffic;
    }
    return end - from;
  });
  return best;
}

}  // namespace plimsoll::bench
