#include "executor/attention/index_branch.hpp"

#include <atomic>
#include <cmath>
#include <mutex>
#include <string>

#include "executor/attention/block_walk.hpp"
#include "executor/attention/index_forms.hpp"
#include "executor/attention/quantised_keys.hpp"
#include "executor/kernels/bfloat16.hpp"
#include "plimsoll/error.hpp"

namespace plimsoll::executor {
namespace {

constexpr int queries_of_tile = 16;
constexpr int blocks_of_item = 32;
constexpr std::size_t most_scores = std::size_t{16} << 20U;  // numbers at a time

// Queries of one run whose blocks are read together.
struct IndexTile {
  const QueryRun* run;
  int first;
  int count;
  std::size_t scores;  // where its [query][group][stride] begin
  int blocks;          // before the local one of the last query
};

struct Item {
  int tile;
  int first_block;
};

void check_cache(const IndexBranch& branch, std::span<const QueryRun> runs) {
  check(branch.shape);
  check(branch.selection);
  check(runs, branch.shape);
  if (branch.shape.index_size == 0) throw Error(ErrorCode::input, "a shape without index keys", "/index_size");
  for (std::size_t k = 0; k < runs.size(); ++k) {
    const BlockPool& pool = runs[k].sequence->pool();
    const std::string pointer = "/runs/" + std::to_string(k);
    if (pool.shape().index_size != branch.shape.index_size) {
      throw Error(ErrorCode::input, "the cache of this sequence has index keys of another size", pointer);
    }
    if (branch.form != IndexForm::exact && !pool.quantised()) {
      throw Error(ErrorCode::input, "the cache of this sequence has no 8-bit index keys", pointer,
                  "Maybe make its pool with them.");
    }
  }
}

IndexRows prepare(const IndexBranch& branch, const BlockKernels& kernels, std::span<const QueryRun> runs,
                  const float* queries, Scratch& memory, Team& team) {
  const auto size = static_cast<std::size_t>(branch.shape.index_size);
  const auto groups = static_cast<std::size_t>(branch.shape.groups);
  std::size_t rows = 0;
  for (const QueryRun& run : runs) rows = std::max(rows, static_cast<std::size_t>(run.first_row + run.count));
  rows *= groups;
  float* numbers = memory.floats(2 * rows * size + rows);
  auto* operand = reinterpret_cast<std::byte*>(numbers + rows * size);
  float* norms = numbers + 2 * rows * size;
  const auto row_bytes = static_cast<std::size_t>(kernels.row_bytes);
  for (const QueryRun& run : runs) {
    team.run(run.count, [&](int query, int) {
      for (std::size_t group = 0; group < groups; ++group) {
        const std::size_t row = static_cast<std::size_t>(run.first_row + query) * groups + group;
        kernels.pack_row(queries + row * size, branch.shape.index_size, operand + row * size * row_bytes);
        double squares = 0;
        for (std::size_t d = row * size; d < (row + 1) * size; ++d) {
          numbers[d] = branch.shape.type == NumberType::bf16 ? to_float(to_bfloat16(queries[d])) : queries[d];
          squares += static_cast<double>(numbers[d]) * static_cast<double>(numbers[d]);
        }
        norms[row] = static_cast<float>(std::sqrt(squares)) * (1.0F + 0x1p-20F);
      }
    });
  }
  return {operand, row_bytes, numbers, norms};
}

class Traffic {
 public:
  void add(const IndexTraffic& more) {
    const std::lock_guard lock(mutex_);
    sum_.exact_bytes += more.exact_bytes;
    sum_.quantised_bytes += more.quantised_bytes;
    sum_.bound_bytes += more.bound_bytes;
    sum_.rescored += more.rescored;
  }
  [[nodiscard]] const IndexTraffic& sum() const { return sum_; }

 private:
  std::mutex mutex_;
  IndexTraffic sum_;
};

// All blocks of some tiles, then the selections of their queries.
void score_all(const IndexBranch& branch, const BlockKernels& kernels, const IndexRows& rows,
               std::span<const IndexTile> tiles, std::size_t numbers, std::int32_t* selected,
               AttentionWorkspace& workspace, Team& team, Traffic& traffic) {
  const bool exact = branch.form == IndexForm::exact;
  const QuantisedBounds bounds = quantised_bounds(branch.isa);
  const int groups = branch.shape.groups;
  const int size = branch.shape.index_size;
  float* lower = workspace.block_scores.floats(exact ? numbers : 2 * numbers);
  float* upper = lower + (exact ? 0 : numbers);
  std::vector<Item> items;
  std::vector<std::pair<int, int>> queries;
  for (std::size_t t = 0; t < tiles.size(); ++t) {
    for (int block = 0; block < tiles[t].blocks; block += blocks_of_item) items.push_back({static_cast<int>(t), block});
    for (int query = 0; query < tiles[t].count; ++query) queries.emplace_back(static_cast<int>(t), query);
  }
  team.run(static_cast<int>(items.size()), [&](int chunk, int) {
    const Item& item = items[static_cast<std::size_t>(chunk)];
    const IndexTile& tile = tiles[static_cast<std::size_t>(item.tile)];
    const Sequence& sequence = *tile.run->sequence;
    const QueryRanking first(branch, kernels, rows, *tile.run, tile.first);
    const int end = std::min(tile.blocks, item.first_block + blocks_of_item);
    for (int block = item.first_block; block < end; ++block) {
      const int place = sequence.blocks()[static_cast<std::size_t>(block)];
      const int next = sequence.blocks()[static_cast<std::size_t>(std::min(block + 1, tile.blocks - 1))];
      const std::size_t at = tile.scores + static_cast<std::size_t>(block);
      if (exact) {
        kernels.block_maxima(first.operand(0), size, tile.count * groups, size, sequence.pool().index_keys(place),
                             lower + at, tile.blocks, sequence.pool().index_keys(next));
      } else {
        bounds(first.numbers(0), first.norms(), tile.count * groups, size, sequence.pool().quantised_keys(place),
               lower + at, upper + at, tile.blocks, sequence.pool().quantised_keys(next));
      }
    }
    IndexTraffic read;
    const std::int64_t count = end - item.first_block;
    if (exact) read.exact_bytes = count * static_cast<std::int64_t>(panels_bytes(branch.shape.type, size));
    if (!exact) read.quantised_bytes = count * static_cast<std::int64_t>(quantised_block_bytes(size));
    traffic.add(read);
  });
  const int lists = branch.selection.per_group && !exact ? groups : 1;
  team.run(static_cast<int>(queries.size()) * lists, [&](int chunk, int) {
    const auto [t, query] = queries[static_cast<std::size_t>(chunk / lists)];
    const IndexTile& tile = tiles[static_cast<std::size_t>(t)];
    const QueryRanking ranking(branch, kernels, rows, *tile.run, tile.first + query);
    const std::size_t at =
        tile.scores + static_cast<std::size_t>(query * groups) * static_cast<std::size_t>(tile.blocks);
    if (exact) {
      ranking.select_by_scores(lower + at, tile.blocks, selected);
      return;
    }
    IndexTraffic read;
    ranking.select_by_bounds(chunk % lists, lower + at, upper + at, tile.blocks, selected, read);
    traffic.add(read);
  });
}

void score_flat(const IndexBranch& branch, const BlockKernels& kernels, const IndexRows& rows,
                std::span<const QueryRun> runs, std::int32_t* selected, AttentionWorkspace& workspace, Team& team,
                Traffic& traffic) {
  std::vector<IndexTile> tiles;
  std::size_t numbers = 0;
  const auto flush = [&] {
    score_all(branch, kernels, rows, tiles, numbers, selected, workspace, team, traffic);
    tiles.clear();
    numbers = 0;
  };
  for (const QueryRun& run : runs) {
    for (int first = 0; first < run.count; first += queries_of_tile) {
      const int count = std::min(queries_of_tile, run.count - first);
      const int blocks = (run.first_position + first + count - 1) / block_keys;
      const std::size_t more = static_cast<std::size_t>(count * branch.shape.groups) * static_cast<std::size_t>(blocks);
      if (numbers > 0 && numbers + more > most_scores) flush();
      tiles.push_back({&run, first, count, numbers, blocks});
      numbers += more;
    }
  }
  flush();
}

void score_hierarchically(const IndexBranch& branch, const BlockKernels& kernels, const IndexRows& rows,
                          std::span<const QueryRun> runs, std::int32_t* selected, AttentionWorkspace& workspace,
                          Team& team, Traffic& traffic) {
  std::vector<std::pair<const QueryRun*, int>> queries;
  for (const QueryRun& run : runs) {
    for (int query = 0; query < run.count; ++query) queries.emplace_back(&run, query);
  }
  const auto one = [&](std::size_t number, Scratch& memory, const ForEach& each) {
    const QueryRanking ranking(branch, kernels, rows, *queries[number].first, queries[number].second);
    const std::size_t size = static_cast<std::size_t>(branch.shape.groups) * static_cast<std::size_t>(ranking.local());
    float* lower = memory.floats(2 * size + 1);
    IndexTraffic read;
    select_hierarchically(branch, ranking, lower, lower + size, ranking.local(), each, selected, read);
    traffic.add(read);
  };
  if (workspace.scores.size() < static_cast<std::size_t>(team.size()))
    workspace.scores.resize(static_cast<std::size_t>(team.size()));
  // Few queries: threads share each. Many: each has its own.
  constexpr std::size_t queries_per_thread = 4;
  if (queries.size() < queries_per_thread * static_cast<std::size_t>(team.size())) {
    const ForEach on_team = [&](int items, const std::function<void(int)>& work) {
      team.run(items, [&](int item, int) { work(item); });
    };
    for (std::size_t number = 0; number < queries.size(); ++number) one(number, workspace.scores[0], on_team);
    return;
  }
  const ForEach in_place = [](int items, const std::function<void(int)>& work) {
    for (int item = 0; item < items; ++item) work(item);
  };
  team.run(static_cast<int>(queries.size()), [&](int number, int thread) {
    one(static_cast<std::size_t>(number), workspace.scores[static_cast<std::size_t>(thread)], in_place);
  });
}

}  // namespace

IndexTraffic select_blocks(const IndexBranch& branch, std::span<const QueryRun> runs, const float* index_queries,
                           std::int32_t* selected, AttentionWorkspace& workspace, Team& team) {
  check_cache(branch, runs);
  const BlockKernels& kernels = block_kernels(branch.isa, branch.shape.type);
  const IndexRows rows = prepare(branch, kernels, runs, index_queries, workspace.index_rows, team);
  Traffic traffic;
  const auto pass = branch.form == IndexForm::hierarchical ? score_hierarchically : score_flat;
  pass(branch, kernels, rows, runs, selected, workspace, team, traffic);
  return traffic.sum();
}

}  // namespace plimsoll::executor
