// The keys and values of one sequence: a table of blocks in a pool, and what summarises them.
//
// Token t stands in slot t % 128 of block blocks()[t / 128]. Blocks that are complete never change, so sequences with a
// common prefix share them. When a block is complete its 8-bit index keys are made, and when two are, their bound
// (superblocks.hpp). Numbers depend on what was appended alone: not on where blocks lie, nor in how many calls it came.
#pragma once

#include <span>
#include <vector>

#include "executor/attention/block_pool.hpp"
#include "executor/attention/superblocks.hpp"
#include "executor/threads/team.hpp"

namespace plimsoll::executor {

class Sequence {
 public:
  explicit Sequence(BlockPool& pool) : pool_(&pool), superblocks_(pool.shape().index_size) {}
  ~Sequence();
  Sequence(Sequence&& other) noexcept;
  Sequence& operator=(Sequence&& other) noexcept;
  Sequence(const Sequence&) = delete;
  Sequence& operator=(const Sequence&) = delete;

  // Another sequence with the same tokens. It shares the complete blocks and copies the last, incomplete one.
  [[nodiscard]] Sequence fork() const;

  // keys, values: [tokens][groups][head_size]; index_keys: [tokens][index_size], null without an index branch. Throws
  // Error(memory) where the pool has too few free blocks; nothing is appended then.
  void append(int tokens, const float* keys, const float* values, const float* index_keys, Team& team);

  // Puts block `number` of the table elsewhere in the pool. No result changes.
  void move_block(int number);

  [[nodiscard]] int length() const { return length_; }
  [[nodiscard]] std::span<const std::int32_t> blocks() const { return blocks_; }
  [[nodiscard]] const BlockPool& pool() const { return *pool_; }
  [[nodiscard]] const Superblocks& superblocks() const { return superblocks_; }

 private:
  void copy_block(int from, int to) const;
  void summarise(int first_block, int end_block, Team& team);

  BlockPool* pool_;
  std::vector<std::int32_t> blocks_;
  int length_ = 0;
  Superblocks superblocks_;
};

// Queries of one sequence that stand at consecutive positions: rows [first_row, first_row + count) of the packed
// queries and outputs. The query in row first_row + t sees keys 0 .. first_position + t, which must have been appended.
struct QueryRun {
  const Sequence* sequence = nullptr;
  int first_row = 0;
  int count = 0;
  int first_position = 0;
};

}  // namespace plimsoll::executor
