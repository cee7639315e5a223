// Tiles of queries, each over its own list of blocks, on a team of threads: what dense and sparse attention share.
//
// With many tiles a thread does a whole one. With few (decode), the chunks of a tile are shared out, and their sums
// merged in a second pass: the same merges in the same order, so the same bits.
#pragma once

#include <span>

#include "executor/attention/block_walk.hpp"
#include "executor/attention/workspace.hpp"

namespace plimsoll::executor {

// Blocks of a sequence's table, ascending; 0 .. count - 1 where `numbers` is null. Every query of the tile must see
// some key of the first one.
struct BlockList {
  const std::int32_t* numbers = nullptr;
  int count = 0;
};

// `together` is the most queries of a tile. Queries, outputs and log_sums as in dense.hpp.
void attend(const AttentionShape& shape, const BlockKernels& kernels, float scale, int together,
            std::span<const QueryTile> tiles, std::span<const BlockList> lists, const float* queries, float* outputs,
            float* log_sums, AttentionWorkspace& workspace, Team& team);

}  // namespace plimsoll::executor
