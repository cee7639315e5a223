#include "executor/attention/block_walk.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "plimsoll/error.hpp"

namespace plimsoll::executor {

void clear(const Partial& partial, int rows, int head_size) {
  std::fill_n(partial.maximum, rows, -std::numeric_limits<float>::infinity());
  std::fill_n(partial.sum, rows, 0.0F);
  std::fill_n(partial.output, static_cast<std::size_t>(rows) * static_cast<std::size_t>(head_size), 0.0F);
}

BlockWalk::BlockWalk(const BlockKernels& kernels, const AttentionShape& shape, float scale, int queries,
                     Scratch& scratch)
    : kernels_(kernels), shape_(shape), scale_(scale), heads_(shape.heads_per_group()) {
  const int rows = queries * heads_;
  const std::size_t operand = static_cast<std::size_t>(rows) * static_cast<std::size_t>(shape.head_size);
  const std::size_t square = static_cast<std::size_t>(rows) * block_keys;
  const std::size_t partial = Partial::floats(rows, shape.head_size);
  float* memory = scratch.floats(operand + 2 * square + 3 * partial);
  rows_ = reinterpret_cast<std::byte*>(memory);
  weights_ = reinterpret_cast<std::byte*>(memory + operand);
  scores_ = memory + operand + square;
  block_ = Partial::at(memory + operand + 2 * square, rows, shape.head_size);
  chunk_ = Partial::at(memory + operand + 2 * square + partial, rows, shape.head_size);
  total_ = Partial::at(memory + operand + 2 * square + 2 * partial, rows, shape.head_size);
}

void BlockWalk::load(const QueryTile& tile, const float* queries) {
  tile_ = tile;
  const auto size = static_cast<std::size_t>(shape_.head_size);
  const auto all_heads = static_cast<std::size_t>(shape_.query_heads);
  const auto heads = static_cast<std::size_t>(heads_);
  for (int q = 0; q < tile.count; ++q) {
    const std::size_t from =
        static_cast<std::size_t>(tile.first_row + q) * all_heads + static_cast<std::size_t>(tile.group) * heads;
    kernels_.pack_row(
        queries + from * size, static_cast<int>(heads * size),
        rows_ + static_cast<std::size_t>(q) * heads * size * static_cast<std::size_t>(kernels_.row_bytes));
  }
}

int BlockWalk::first_that_sees(int number) const {
  return std::clamp(number * block_keys - tile_.first_position, 0, tile_.count);
}

const std::byte* BlockWalk::keys(int number) const {
  if (number < 0) return nullptr;
  return tile_.sequence->pool().keys(tile_.sequence->blocks()[static_cast<std::size_t>(number)], tile_.group);
}

void BlockWalk::block(int number, int first_query, const Partial& into, int next) {
  const int size = shape_.head_size;
  const BlockPool& pool = tile_.sequence->pool();
  const int place = tile_.sequence->blocks()[static_cast<std::size_t>(number)];
  const std::byte* values = pool.values(place, tile_.group);
  const auto bytes = static_cast<std::ptrdiff_t>(kernels_.row_bytes);
  const int first = first_query * heads_;
  const int rows = tile_.count * heads_ - first;
  kernels_.multiply(rows_ + static_cast<std::ptrdiff_t>(first) * size * bytes, size, rows, size, keys(number), size,
                    block_keys, scores_ + static_cast<std::ptrdiff_t>(first) * block_keys, block_keys, values);
  // Queries that see the whole block go together, the others one by one.
  for (int query = first_query; query < tile_.count;) {
    const int seen = std::min(tile_.first_position + query + 1 - number * block_keys, block_keys);
    const int row = query * heads_;
    const int count = seen == block_keys ? tile_.count * heads_ - row : heads_;
    const Partial part = into.from_row(row, size);
    const std::ptrdiff_t square = static_cast<std::ptrdiff_t>(row) * block_keys;
    std::byte* weights = weights_ + square * bytes;
    kernels_.weigh(scores_ + square, block_keys, count, seen, scale_, weights, block_keys, part.maximum, part.sum);
    kernels_.multiply(weights, block_keys, count, seen, values, block_keys, size, part.output, size, keys(next));
    query += count / heads_;
  }
}

int BlockWalk::chunk(const std::int32_t* numbers, int first, int count, const Partial& into) {
  const auto number_of = [&](int k) { return numbers != nullptr ? numbers[k] : first + k; };
  const int seeing = count > 0 ? first_that_sees(number_of(0)) : tile_.count;
  if (seeing >= tile_.count) return tile_.count;
  clear(into.from_row(seeing * heads_, shape_.head_size), (tile_.count - seeing) * heads_, shape_.head_size);
  for (int k = 0; k < count; ++k) {
    const int query = first_that_sees(number_of(k));
    if (query >= tile_.count) break;
    block(number_of(k), query, block_, k + 1 < count ? number_of(k + 1) : -1);
    const Partial sums = into.from_row(query * heads_, shape_.head_size);
    const Partial part = block_.from_row(query * heads_, shape_.head_size);
    kernels_.merge((tile_.count - query) * heads_, shape_.head_size, sums.maximum, sums.sum, sums.output, part.maximum,
                   part.sum, part.output);
  }
  return seeing;
}

Partial BlockWalk::all(const std::int32_t* numbers, int count) {
  clear(total_, tile_.count * heads_, shape_.head_size);
  for (int first = 0; first < count; first += chunk_blocks) {
    const int query =
        chunk(numbers != nullptr ? numbers + first : nullptr, first, std::min(chunk_blocks, count - first), chunk_);
    if (query >= tile_.count) break;
    const Partial sums = total_.from_row(query * heads_, shape_.head_size);
    const Partial part = chunk_.from_row(query * heads_, shape_.head_size);
    kernels_.merge((tile_.count - query) * heads_, shape_.head_size, sums.maximum, sums.sum, sums.output, part.maximum,
                   part.sum, part.output);
  }
  return total_;
}

void BlockWalk::finish(const Partial& sums, float* outputs, float* log_sums) const {
  const auto size = static_cast<std::size_t>(shape_.head_size);
  for (int row = 0; row < tile_.count * heads_; ++row) {
    const std::size_t to =
        static_cast<std::size_t>(tile_.first_row + row / heads_) * static_cast<std::size_t>(shape_.query_heads) +
        static_cast<std::size_t>(tile_.group * heads_ + row % heads_);
    const float* from = sums.output + static_cast<std::size_t>(row) * size;
    const float share = 1.0F / sums.sum[row];
    for (std::size_t c = 0; c < size; ++c) outputs[to * size + c] = from[c] * share;
    if (log_sums != nullptr) log_sums[to] = sums.maximum[row] + std::log(sums.sum[row]);
  }
}

void make_tiles(std::span<const QueryRun> runs, int groups, int queries, std::vector<QueryTile>& tiles) {
  tiles.clear();
  for (const QueryRun& run : runs) {
    for (int first = 0; first < run.count; first += queries) {
      const int count = std::min(queries, run.count - first);
      for (int group = 0; group < groups; ++group) {
        tiles.push_back({run.sequence, group, run.first_row + first, count, run.first_position + first});
      }
    }
  }
}

void check(std::span<const QueryRun> runs, const AttentionShape& shape) {
  for (std::size_t k = 0; k < runs.size(); ++k) {
    const QueryRun& run = runs[k];
    const std::string pointer = "/runs/" + std::to_string(k);
    if (run.sequence == nullptr || run.count < 0 || run.first_row < 0 || run.first_position < 0) {
      throw Error(ErrorCode::input, "a run of queries without a sequence or with a negative place", pointer);
    }
    if (run.first_position + run.count > run.sequence->length()) {
      throw Error(ErrorCode::input,
                  "queries up to position " + std::to_string(run.first_position + run.count - 1) +
                      " of a sequence that has " + std::to_string(run.sequence->length()) + " tokens",
                  pointer, "Maybe append the keys and values of these tokens first: a query sees its own.");
    }
    const AttentionShape& has = run.sequence->pool().shape();
    if (has.groups != shape.groups || has.head_size != shape.head_size || has.type != shape.type ||
        has.index_size < shape.index_size) {
      throw Error(ErrorCode::input, "the cache of this sequence has another shape than the attention", pointer);
    }
  }
}

}  // namespace plimsoll::executor
