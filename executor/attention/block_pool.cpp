#include "executor/attention/block_pool.hpp"

#include <string>

#include "executor/attention/layout.hpp"
#include "executor/attention/quantised_keys.hpp"
#include "plimsoll/error.hpp"

namespace plimsoll::executor {
namespace {

AttentionShape checked(const AttentionShape& shape, int blocks) {
  check(shape);
  if (blocks < 1) throw Error(ErrorCode::input, "a pool of " + std::to_string(blocks) + " blocks", "/blocks");
  return shape;
}

}  // namespace

BlockPool::BlockPool(const AttentionShape& shape, int blocks, bool quantised)
    : shape_(checked(shape, blocks)),
      panels_bytes_(panels_bytes(shape.type, shape.head_size)),
      index_bytes_(panels_bytes(shape.type, shape.index_size)),
      quantised_bytes_(quantised && shape.index_size > 0 ? quantised_block_bytes(shape.index_size) : 0) {
  const auto count = static_cast<std::size_t>(blocks);
  keys_ = Memory(count * static_cast<std::size_t>(shape.groups) * panels_bytes_);
  values_ = Memory(count * static_cast<std::size_t>(shape.groups) * panels_bytes_);
  if (index_bytes_ > 0) index_keys_ = Memory(count * index_bytes_);
  if (quantised_bytes_ > 0) quantised_keys_ = Memory(count * quantised_bytes_);
  keys_at_ = keys_.data();
  values_at_ = values_.data();
  index_at_ = index_keys_.data();
  quantised_at_ = quantised_keys_.data();
  owners_.assign(count, 0);
  free_.reserve(count);
  for (int block = blocks; block-- > 0;) free_.push_back(block);
}

int BlockPool::take() {
  if (free_.empty()) {
    throw Error(
        ErrorCode::memory, "all " + std::to_string(blocks()) + " blocks of the key-value cache are taken", {},
        "Maybe make the pool larger: a sequence needs a block for every " + std::to_string(block_keys) + " tokens.");
  }
  const int block = free_.back();
  free_.pop_back();
  owners_[static_cast<std::size_t>(block)] = 1;
  return block;
}

void BlockPool::release(int block) {
  if (--owners_[static_cast<std::size_t>(block)] == 0) free_.push_back(block);
}

}  // namespace plimsoll::executor
