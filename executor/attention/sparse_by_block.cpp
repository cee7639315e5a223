#include <algorithm>
#include <vector>

#include "executor/attention/block_walk.hpp"
#include "executor/attention/sparse.hpp"

namespace plimsoll::executor {
namespace {

constexpr std::size_t most_partials = std::size_t{64} << 20U;  // numbers at a time

// One selected block of one query and group: `query` counts from the batch's first.
struct Entry {
  std::int32_t query;
  std::int32_t slot;
};

// Some queries of one run.
struct Batch {
  const QueryRun* run;
  int first;
  int count;
};

// (block, some of the queries that selected it)
struct Item {
  int block;
  int group;
  std::size_t first;
  int count;
};

// Everything a pass over a batch needs.
struct Pass {
  const AttentionShape& shape;
  const BlockKernels& kernels;
  float scale;
  Batch batch;
  const float* queries;
  const std::int32_t* selected;
  int slots;
  float* partials;

  [[nodiscard]] std::int64_t row(int query) const { return batch.run->first_row + batch.first + query; }
  [[nodiscard]] const std::int32_t* list(int query, int group) const {
    return selected + (row(query) * shape.groups + group) * slots;
  }
  [[nodiscard]] Partial slot(int query, int group, int number) const {
    const int heads = shape.heads_per_group();
    const std::size_t at =
        (static_cast<std::size_t>(query) * static_cast<std::size_t>(shape.groups) + static_cast<std::size_t>(group)) *
            static_cast<std::size_t>(slots) +
        static_cast<std::size_t>(number);
    return Partial::at(partials + at * Partial::floats(heads, shape.head_size), heads, shape.head_size);
  }
};

// The inverse index: entries by (group, block), each in the order of queries; counting sort.
std::vector<Item> invert(const Pass& pass, int blocks, int together, std::vector<Entry>& entries) {
  std::vector<std::size_t> first(static_cast<std::size_t>(pass.shape.groups * blocks) + 1, 0);
  const auto each = [&](auto&& visit) {
    for (int query = 0; query < pass.batch.count; ++query) {
      for (int group = 0; group < pass.shape.groups; ++group) {
        const std::int32_t* list = pass.list(query, group);
        for (int slot = 0; slot < pass.slots && list[slot] >= 0; ++slot) {
          visit(static_cast<std::size_t>(list[slot] * pass.shape.groups + group), Entry{query, slot});
        }
      }
    }
  };
  each([&](std::size_t key, const Entry&) { ++first[key + 1]; });
  for (std::size_t key = 1; key < first.size(); ++key) first[key] += first[key - 1];
  entries.resize(first.back());
  std::vector<std::size_t> next(first.begin(), first.end() - 1);
  each([&](std::size_t key, const Entry& entry) { entries[next[key]++] = entry; });
  std::vector<Item> items;
  for (std::size_t key = 0; key + 1 < first.size(); ++key) {
    for (std::size_t at = first[key]; at < first[key + 1]; at += static_cast<std::size_t>(together)) {
      const int count = static_cast<int>(std::min(first[key + 1] - at, static_cast<std::size_t>(together)));
      items.push_back(
          {static_cast<int>(key) / pass.shape.groups, static_cast<int>(key) % pass.shape.groups, at, count});
    }
  }
  return items;
}

void attend_item(const Pass& pass, const Item& item, const Entry* entries, int together, Scratch& scratch) {
  const int size = pass.shape.head_size;
  const int heads = pass.shape.heads_per_group();
  const std::size_t rows = static_cast<std::size_t>(together * heads);
  float* memory = scratch.floats(rows * (static_cast<std::size_t>(size) + 2 * block_keys));
  auto* operand = reinterpret_cast<std::byte*>(memory);
  float* scores = memory + rows * static_cast<std::size_t>(size);
  float* weights = scores + rows * block_keys;
  for (int e = 0; e < item.count; ++e) {
    const std::int64_t from = (pass.row(entries[e].query) * pass.shape.query_heads + item.group * heads) * size;
    const auto to = static_cast<std::ptrdiff_t>(e) * heads * size * pass.kernels.row_bytes;
    pass.kernels.pack_row(pass.queries + from, heads * size, operand + to);
  }
  const Sequence& sequence = *pass.batch.run->sequence;
  const int place = sequence.blocks()[static_cast<std::size_t>(item.block)];
  pass.kernels.multiply(operand, size, item.count * heads, size, sequence.pool().keys(place, item.group), size,
                        block_keys, scores, block_keys, sequence.pool().values(place, item.group));
  for (int e = 0; e < item.count; ++e) {
    const int position = pass.batch.run->first_position + pass.batch.first + entries[e].query;
    const int seen = std::min(position + 1 - item.block * block_keys, block_keys);
    const Partial part = pass.slot(entries[e].query, item.group, entries[e].slot);
    pass.kernels.weigh(scores + static_cast<std::ptrdiff_t>(e) * heads * block_keys, block_keys, heads, seen,
                       pass.scale, weights, block_keys, part.maximum, part.sum);
    pass.kernels.multiply(weights, block_keys, heads, seen, sequence.pool().values(place, item.group), block_keys, size,
                          part.output, size, nullptr);
  }
}

void merge_slots(const Pass& pass, int query, int group, BlockWalk& walk, Scratch& scratch, float* outputs,
                 float* log_sums) {
  const int heads = pass.shape.heads_per_group();
  const int size = pass.shape.head_size;
  const auto merge = [&](const Partial& into, const Partial& part) {
    pass.kernels.merge(heads, size, into.maximum, into.sum, into.output, part.maximum, part.sum, part.output);
  };
  const Partial chunk = Partial::at(scratch.floats(Partial::floats(heads, size)), heads, size);
  const int position = pass.batch.run->first_position + pass.batch.first + query;
  walk.load({pass.batch.run->sequence, group, static_cast<int>(pass.row(query)), 1, position}, pass.queries);
  const Partial total = walk.all(nullptr, 0);
  const std::int32_t* list = pass.list(query, group);
  for (int first = 0; first < pass.slots && list[first] >= 0; first += chunk_blocks) {
    clear(chunk, heads, size);
    for (int slot = first; slot < std::min(first + chunk_blocks, pass.slots) && list[slot] >= 0; ++slot) {
      merge(chunk, pass.slot(query, group, slot));
    }
    merge(total, chunk);
  }
  walk.finish(total, outputs, log_sums);
}

}  // namespace

void sparse_by_block(const AttentionShape& shape, const BlockKernels& kernels, float scale,
                     std::span<const QueryRun> runs, const float* queries, const std::int32_t* selected, int slots,
                     float* outputs, float* log_sums, AttentionWorkspace& workspace, Team& team) {
  check(shape);
  check(runs, shape);
  const auto threads = static_cast<std::size_t>(team.size());
  if (workspace.tiles.size() < threads) workspace.tiles.resize(threads);
  if (workspace.scores.size() < threads) workspace.scores.resize(threads);
  const int together = tile_queries(shape);
  const std::size_t each =
      static_cast<std::size_t>(shape.groups * slots) * Partial::floats(shape.heads_per_group(), shape.head_size);
  const int most = static_cast<int>(std::max<std::size_t>(1, most_partials / each));
  std::vector<Entry> entries;
  for (const QueryRun& run : runs) {
    for (int first = 0; first < run.count; first += most) {
      const Batch batch{&run, first, std::min(most, run.count - first)};
      float* partials = workspace.partials.floats(static_cast<std::size_t>(batch.count) * each);
      const Pass pass{shape, kernels, scale, batch, queries, selected, slots, partials};
      const int blocks = (run.first_position + first + batch.count + block_keys - 1) / block_keys;
      const std::vector<Item> items = invert(pass, blocks, together, entries);
      team.run(static_cast<int>(items.size()), [&](int chunk, int thread) {
        const Item& item = items[static_cast<std::size_t>(chunk)];
        attend_item(pass, item, &entries[item.first], together, workspace.tiles[static_cast<std::size_t>(thread)]);
      });
      team.run(batch.count * shape.groups, [&](int chunk, int thread) {
        const auto mine = static_cast<std::size_t>(thread);
        BlockWalk walk(kernels, shape, scale, 1, workspace.tiles[mine]);
        merge_slots(pass, chunk / shape.groups, chunk % shape.groups, walk, workspace.scores[mine], outputs, log_sums);
      });
    }
  }
}

}  // namespace plimsoll::executor
