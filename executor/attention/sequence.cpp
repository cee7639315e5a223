#include "executor/attention/sequence.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "executor/attention/layout.hpp"
#include "executor/attention/quantised_keys.hpp"
#include "plimsoll/error.hpp"

namespace plimsoll::executor {

Sequence::~Sequence() {
  for (const int block : blocks_) pool_->release(block);
}

Sequence::Sequence(Sequence&& other) noexcept
    : pool_(other.pool_),
      blocks_(std::exchange(other.blocks_, {})),
      length_(std::exchange(other.length_, 0)),
      superblocks_(std::move(other.superblocks_)) {}

Sequence& Sequence::operator=(Sequence&& other) noexcept {
  std::swap(pool_, other.pool_);
  std::swap(blocks_, other.blocks_);
  std::swap(length_, other.length_);
  std::swap(superblocks_, other.superblocks_);
  return *this;
}

void Sequence::copy_block(int from, int to) const {
  const AttentionShape& shape = pool_->shape();
  const std::size_t bytes = panels_bytes(shape.type, shape.head_size);
  for (int group = 0; group < shape.groups; ++group) {
    std::memcpy(pool_->keys(to, group), pool_->keys(from, group), bytes);
    std::memcpy(pool_->values(to, group), pool_->values(from, group), bytes);
  }
  if (shape.index_size == 0) return;
  std::memcpy(pool_->index_keys(to), pool_->index_keys(from), panels_bytes(shape.type, shape.index_size));
  if (!pool_->quantised()) return;
  std::memcpy(pool_->quantised_keys(to), pool_->quantised_keys(from), quantised_block_bytes(shape.index_size));
}

Sequence Sequence::fork() const {
  Sequence result(*pool_);
  result.blocks_.reserve(blocks_.size());
  for (std::size_t number = 0; number < blocks_.size(); ++number) {
    const bool complete = static_cast<int>(number) < length_ / block_keys;
    int block = blocks_[number];
    if (complete) {
      pool_->share(block);
    } else {
      block = pool_->take();
      copy_block(blocks_[number], block);
    }
    result.blocks_.push_back(block);
  }
  result.length_ = length_;
  result.superblocks_ = superblocks_;
  return result;
}

void Sequence::move_block(int number) {
  std::int32_t& block = blocks_[static_cast<std::size_t>(number)];
  const int elsewhere = pool_->take();
  copy_block(block, elsewhere);
  pool_->release(block);
  block = elsewhere;
}

void Sequence::append(int tokens, const float* keys, const float* values, const float* index_keys, Team& team) {
  const AttentionShape& shape = pool_->shape();
  const int end = length_ + tokens;
  const int needed = (end + block_keys - 1) / block_keys;
  if (needed - static_cast<int>(blocks_.size()) > pool_->free_blocks()) {
    throw Error(ErrorCode::memory,
                std::to_string(tokens) + " tokens more need " +
                    std::to_string(needed - static_cast<int>(blocks_.size())) + " blocks; the cache has " +
                    std::to_string(pool_->free_blocks()) + " free",
                {}, "Maybe make the pool larger, or end a sequence.");
  }
  blocks_.reserve(static_cast<std::size_t>(needed));
  while (static_cast<int>(blocks_.size()) < needed) blocks_.push_back(pool_->take());

  const int first_block = length_ / block_keys;
  const int parts = shape.groups + (shape.index_size > 0 ? 1 : 0);
  team.run((needed - first_block) * parts, [&](int chunk, int) {
    const int number = first_block + chunk / parts;
    const int group = chunk % parts;
    const int block = blocks_[static_cast<std::size_t>(number)];
    const int from = std::max(length_, number * block_keys);
    const int to = std::min(end, (number + 1) * block_keys);
    for (int token = from; token < to; ++token) {
      const auto row = static_cast<std::size_t>(token - length_);
      const int slot = token % block_keys;
      if (group == shape.groups) {
        write_key(shape.type, shape.index_size, slot, index_keys + row * static_cast<std::size_t>(shape.index_size),
                  pool_->index_keys(block));
        continue;
      }
      const std::size_t at = (row * static_cast<std::size_t>(shape.groups) + static_cast<std::size_t>(group)) *
                             static_cast<std::size_t>(shape.head_size);
      write_key(shape.type, shape.head_size, slot, keys + at, pool_->keys(block, group));
      write_value(shape.type, shape.head_size, slot, values + at, pool_->values(block, group));
    }
  });
  length_ = end;
  if (pool_->quantised()) summarise(first_block, end / block_keys, team);
}

void Sequence::summarise(int first_block, int end_block, Team& team) {
  const AttentionShape& shape = pool_->shape();
  team.run(end_block - first_block, [&](int chunk, int) {
    const int block = blocks_[static_cast<std::size_t>(first_block + chunk)];
    quantise_block(shape.type, shape.index_size, pool_->index_keys(block), pool_->quantised_keys(block));
  });
  superblocks_.extend(*pool_, blocks_, end_block, team);
}

}  // namespace plimsoll::executor
