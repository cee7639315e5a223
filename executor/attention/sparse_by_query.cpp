#include <vector>

#include "executor/attention/attend.hpp"
#include "executor/attention/sparse.hpp"

namespace plimsoll::executor {

void sparse_attention(const AttentionShape& shape, const BlockKernels& kernels, float scale, SparseOrder order,
                      std::span<const QueryRun> runs, const float* queries, const std::int32_t* selected, int slots,
                      float* outputs, float* log_sums, AttentionWorkspace& workspace, Team& team) {
  const auto pass = order == SparseOrder::by_block ? sparse_by_block : sparse_by_query;
  pass(shape, kernels, scale, runs, queries, selected, slots, outputs, log_sums, workspace, team);
}

void sparse_by_query(const AttentionShape& shape, const BlockKernels& kernels, float scale,
                     std::span<const QueryRun> runs, const float* queries, const std::int32_t* selected, int slots,
                     float* outputs, float* log_sums, AttentionWorkspace& workspace, Team& team) {
  check(shape);
  check(runs, shape);
  std::vector<QueryTile> tiles;
  make_tiles(runs, shape.groups, 1, tiles);
  std::vector<BlockList> lists;
  lists.reserve(tiles.size());
  for (const QueryTile& tile : tiles) {
    const std::int32_t* list =
        selected + (static_cast<std::ptrdiff_t>(tile.first_row) * shape.groups + tile.group) * slots;
    int count = 0;
    while (count < slots && list[count] >= 0) ++count;
    lists.push_back({list, count});
  }
  attend(shape, kernels, scale, 1, tiles, lists, queries, outputs, log_sums, workspace, team);
}

}  // namespace plimsoll::executor
