#include "executor/attention/attend.hpp"

#include <algorithm>
#include <vector>

namespace plimsoll::executor {
namespace {

int chunks_of(const BlockList& list) { return (list.count + chunk_blocks - 1) / chunk_blocks; }

// One part of the work where tiles are split.
struct Piece {
  int tile;
  int chunk;
  std::size_t memory;
};

}  // namespace

void attend(const AttentionShape& shape, const BlockKernels& kernels, float scale, int together,
            std::span<const QueryTile> tiles, std::span<const BlockList> lists, const float* queries, float* outputs,
            float* log_sums, AttentionWorkspace& workspace, Team& team) {
  if (workspace.tiles.size() < static_cast<std::size_t>(team.size())) {
    workspace.tiles.resize(static_cast<std::size_t>(team.size()));
  }
  const auto walk_of = [&](int thread) {
    return BlockWalk(kernels, shape, scale, together, workspace.tiles[static_cast<std::size_t>(thread)]);
  };

  constexpr int tiles_per_thread = 8;
  const int count = static_cast<int>(tiles.size());
  if (count >= tiles_per_thread * team.size()) {
    // Later queries see more keys: the longest first.
    team.run(count, [&](int chunk, int thread) {
      const auto t = static_cast<std::size_t>(count - 1 - chunk);
      BlockWalk walk = walk_of(thread);
      walk.load(tiles[t], queries);
      walk.finish(walk.all(lists[t].numbers, lists[t].count), outputs, log_sums);
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
    for (int chunk = 0; chunk < chunks_of(lists[static_cast<std::size_t>(t)]); ++chunk) {
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
    const BlockList& list = lists[static_cast<std::size_t>(piece.tile)];
    const int first = piece.chunk * chunk_blocks;
    const Partial into = Partial::at(partials + piece.memory, tile.count * heads, shape.head_size);
    seeing[static_cast<std::size_t>(chunk)] = walk.chunk(list.numbers != nullptr ? list.numbers + first : nullptr,
                                                         first, std::min(chunk_blocks, list.count - first), into);
  });
  team.run(count, [&](int t, int thread) {
    const QueryTile& tile = tiles[static_cast<std::size_t>(t)];
    BlockWalk walk = walk_of(thread);
    walk.load(tile, queries);
    const int rows = tile.count * heads;
    const Partial total = walk.all(nullptr, 0);
    for (int chunk = 0; chunk < chunks_of(lists[static_cast<std::size_t>(t)]); ++chunk) {
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
