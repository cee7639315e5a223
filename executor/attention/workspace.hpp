// What the attention of any number of layers works in, one after another.
#pragma once

#include <cstdint>
#include <vector>

#include "executor/attention/projection.hpp"
#include "executor/attention/sequence.hpp"
#include "executor/kernels/scratch.hpp"

namespace plimsoll::executor {

// Rows of one call, each [row][what its name says].
struct LayerBuffers {
  Scratch normed, projected, queries, keys, values, index_queries, index_keys, outputs;
  ProjectionScratch projection;
  std::vector<QueryRun> runs;
};

// One user at a time. Nothing is allocated once it has grown.
struct AttentionWorkspace {
  std::vector<Scratch> tiles;   // per thread
  std::vector<Scratch> scores;  // per thread
  Scratch partials;
  Scratch block_scores;
  Scratch index_rows;
  std::vector<std::int32_t> selected;
  LayerBuffers layer;
};

}  // namespace plimsoll::executor
