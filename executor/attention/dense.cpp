#include "executor/attention/dense.hpp"

#include <algorithm>
#include <vector>

#include "executor/attention/block_walk.hpp"

namespace plimsoll::executor {
namespace {

int blocks_of(const QueryTile& tile) {
  return (tile.first_position + tile.count + block_keys - 1) / block_keys;
}

int chunks_of(const QueryTile& tile) { return (blocks_of(tile) + chunk_blocks - 1) / chunk_blocks; }

// One part of the work where tiles are split.
struct Piece {
  int tile;
  int chunk;
  std::size_t memory;
};

}  // namespace

void dense_attention(const AttentionShape& shape, const BlockKernels& kernels, float scale,
                     std::span<const QueryRun> runs, const float* queries, float* outputs, float* log_sums,
                     AttentionWorkspace& workspace, Team& team) {
  check(shape);
  check(runs, shape);
  const int together = tile_queries(shape);
  std::vector<QueryTile> tiles;
  make_tiles(runs, shape.groups, together, tiles);
  workspace.tiles.resize(static_cast<std::size_t>(std::max<int>(team.size(), static_cast<int>(workspace.tiles.size()))));
  const auto walk_of = [&](int thread) {
    return BlockWalk(kernels, shape, scale, together, workspace.tiles[static_cast<std::size_t>(thread)]);
  };

  constexpr int tiles_per_thread = 8;
  const int count = static_cast<int>(tiles.size());
  if (count >= tiles_per_thread * team.size()) {
    // Later queries see more keys: the longest first.
    team.run(count, [&](int chunk, int thread) {
      const QueryTile& tile = tiles[static_cast<std::size_t>(count - 1 - chunk)];
      BlockWalk walk = walk_of(thread);
      walk.load(tile, queries);
      walk.finish(walk.all(nullptr, blocks_of(tile)), outputs, log_sums);
    });
    return;
  }

  std::vector<Piece> pieces;
  std::vector<std::size_t> first_piece;
  std::size_t memory = 0;
  const int heads = shape.heads_per_group();
  for (int t = 0; t < count; ++t) {
    first_piece.push_back(pieces.size());
    const QueryTile& tile = tiles[static_cast<std::size_t>(t)];
    for (int chunk = 0; chunk < chunks_of(tile); ++chunk) {
      pieces.push_back({t, chunk, memory});
      memory += Partial::floats(tile.count * heads, shape.head_size);
    }
  }
  float* partials = workspace.partials.floats(memory);
  std::vector<int> seeing(pieces.size());
  team.run(static_cast<int>(pieces.size()), [&](int chunk, int thread) {
    const Piece& piece = pieces[static_cast<std::size_t>(chunk)];
    const QueryTile& tile = tiles[static_cast<std::size_t>(piece.tile)];
    BlockWalk walk = walk_of(thread);
    walk.load(tile, queries);
    const int first = piece.chunk * chunk_blocks;
    const Partial into = Partial::at(partials + piece.memory, tile.count * heads, shape.head_size);
    seeing[static_cast<std::size_t>(chunk)] =
        walk.chunk(nullptr, first, std::min(chunk_blocks, blocks_of(tile) - first), into);
  });
  team.run(count, [&](int t, int thread) {
    const QueryTile& tile = tiles[static_cast<std::size_t>(t)];
    BlockWalk walk = walk_of(thread);
    walk.load(tile, queries);
    const int rows = tile.count * heads;
    const Partial total = walk.all(nullptr, 0);
    for (int chunk = 0; chunk < chunks_of(tile); ++chunk) {
      const std::size_t at = first_piece[static_cast<std::size_t>(t)] + static_cast<std::size_t>(chunk);
      const int row = seeing[at] * heads;
      const Partial sums = total.from_row(row, shape.head_size);
      const Partial part =
          Partial::at(partials + pieces[at].memory, rows, shape.head_size).from_row(row, shape.head_size);
      kernels.merge(rows - row, shape.head_size, sums.maximum, sums.sum, sums.output, part.maximum, part.sum,
                    part.output);
    }
    walk.finish(total, outputs, log_sums);
  });
}

}  // namespace plimsoll::executor
