#include "executor/attention/dense.hpp"

#include <vector>

#include "executor/attention/attend.hpp"

namespace plimsoll::executor {

void dense_attention(const AttentionShape& shape, const BlockKernels& kernels, float scale,
                     std::span<const QueryRun> runs, const float* queries, float* outputs, float* log_sums,
                     AttentionWorkspace& workspace, Team& team) {
  check(shape);
  check(runs, shape);
  const int together = tile_queries(shape);
  std::vector<QueryTile> tiles;
  make_tiles(runs, shape.groups, together, tiles);
  std::vector<BlockList> lists;
  lists.reserve(tiles.size());
  for (const QueryTile& tile : tiles) {
    lists.push_back({nullptr, (tile.first_position + tile.count + block_keys - 1) / block_keys});
  }
  attend(shape, kernels, scale, together, tiles, lists, queries, outputs, log_sums, workspace, team);
}

}  // namespace plimsoll::executor
