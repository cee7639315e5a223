// Rows of queries over a list of blocks: the inner part of every form of attention here.
//
// The order of sums is the same for all of them. A block gives a partial; the partials of 8 successive blocks of a
// query's list (a chunk) are merged in order; the chunks' partials are merged in order. So neither the number of
// threads nor the form (dense, sparse by query, sparse by block) changes a bit, and all blocks selected is dense.
#pragma once

#include <cstdint>
#include <span>

#include "executor/attention/block_kernels.hpp"
#include "executor/attention/partial.hpp"
#include "executor/attention/sequence.hpp"
#include "executor/kernels/scratch.hpp"

namespace plimsoll::executor {

inline constexpr int chunk_blocks = 8;
// Rows (queries times heads of a group) that are worked on at a time: their operands and sums stay in the caches.
inline constexpr int tile_rows = 96;

// Queries of one sequence and one group.
struct QueryTile {
  const Sequence* sequence = nullptr;
  int group = 0;
  int first_row = 0;       // in the packed queries and outputs
  int count = 0;           // queries
  int first_position = 0;  // of the first one
};

class BlockWalk {
 public:
  // For tiles of at most `queries` queries, with one thread's memory.
  BlockWalk(const BlockKernels& kernels, const AttentionShape& shape, float scale, int queries, Scratch& scratch);

  // packed queries [row][query_heads][head_size] -> this tile's row operand
  void load(const QueryTile& tile, const float* queries);

  // Overwrites `into` with the sums over block `number` of the sequence's table, for queries [first_query, count) of
  // the tile, all of which must see some key of it. `next` is the block whose turn comes after, -1 for none: it is
  // fetched meanwhile.
  void block(int number, int first_query, const Partial& into, int next);

  // Overwrites `into` with the sums over a chunk: `count` blocks of the sequence's table, given by `numbers`, or from
  // `first` on where that is null; ascending. Queries before the result see none of them; theirs stay untouched.
  int chunk(const std::int32_t* numbers, int first, int count, const Partial& into);

  // The sums over all of them, in chunks; those of queries that see nothing are empty.
  Partial all(const std::int32_t* numbers, int count);

  // outputs [row][query_heads][head_size] and, unless null, log_sums [row][query_heads]
  void finish(const Partial& sums, float* outputs, float* log_sums) const;

 private:
  [[nodiscard]] int first_that_sees(int number) const;
  [[nodiscard]] const std::byte* keys(int number) const;

  const BlockKernels& kernels_;
  AttentionShape shape_;
  float scale_;
  int heads_;
  QueryTile tile_;
  std::byte* rows_;
  std::byte* weights_;
  float* scores_;
  Partial block_;
  Partial chunk_;
  Partial total_;
};

// Tiles of at most `queries` queries for every run and group: tiles of one run stand together, groups innermost.
void make_tiles(std::span<const QueryRun> runs, int groups, int queries, std::vector<QueryTile>& tiles);

// How many queries make a tile of about tile_rows rows.
[[nodiscard]] inline int tile_queries(const AttentionShape& shape) {
  const int fitting = tile_rows / shape.heads_per_group();
  return fitting > 1 ? fitting : 1;
}

// Throws Error(input) where a run asks for keys that its sequence has not, or the sequence has another shape.
void check(std::span<const QueryRun> runs, const AttentionShape& shape);

}  // namespace plimsoll::executor
