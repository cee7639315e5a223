// The memory of a key-value cache: blocks of 128 tokens that sequences take and give back, in any order, and may share.
//
// A block has the keys and values of every group and the index keys. Each of these parts lies in an array of its own
// over all blocks, so that the index branch streams through index keys alone. One thread at a time changes the pool.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "executor/attention/shape.hpp"
#include "executor/threads/memory.hpp"

namespace plimsoll::executor {

class BlockPool {
 public:
  // Throws Error(input) for a shape that check() refuses, Error(memory) where the system has not that much.
  // `quantised` adds 8-bit index keys (quantised_keys.hpp).
  BlockPool(const AttentionShape& shape, int blocks, bool quantised = false);

  [[nodiscard]] const AttentionShape& shape() const { return shape_; }
  [[nodiscard]] bool quantised() const { return quantised_bytes_ != 0; }
  [[nodiscard]] int blocks() const { return static_cast<int>(owners_.size()); }
  [[nodiscard]] int free_blocks() const { return static_cast<int>(free_.size()); }

  // A block that has no owner, lowest number first in a new pool; what it holds is whatever was there. Throws
  // Error(memory) if there is none.
  [[nodiscard]] int take();
  void share(int block) { ++owners_[static_cast<std::size_t>(block)]; }
  [[nodiscard]] bool shared(int block) const { return owners_[static_cast<std::size_t>(block)] > 1; }
  // One owner less; the block is free when there is none left.
  void release(int block);

  [[nodiscard]] std::byte* keys(int block, int group) const { return keys_at_ + offset(block, group); }
  [[nodiscard]] std::byte* values(int block, int group) const { return values_at_ + offset(block, group); }
  [[nodiscard]] std::byte* index_keys(int block) const {
    return index_at_ + static_cast<std::size_t>(block) * index_bytes_;
  }
  [[nodiscard]] std::byte* quantised_keys(int block) const {
    return quantised_at_ + static_cast<std::size_t>(block) * quantised_bytes_;
  }

 private:
  [[nodiscard]] std::size_t offset(int block, int group) const {
    return (static_cast<std::size_t>(block) * static_cast<std::size_t>(shape_.groups) +
            static_cast<std::size_t>(group)) *
           panels_bytes_;
  }

  AttentionShape shape_;
  std::size_t panels_bytes_;
  std::size_t index_bytes_;
  std::size_t quantised_bytes_;
  Memory keys_, values_, index_keys_, quantised_keys_;
  std::byte *keys_at_ = nullptr, *values_at_ = nullptr, *index_at_ = nullptr, *quantised_at_ = nullptr;
  std::vector<std::int32_t> owners_;
  std::vector<std::int32_t> free_;
};

}  // namespace plimsoll::executor
