// The index branch of sparse attention: which blocks each query and group attends to.
//
// A block's score is the largest q . k over its index keys. The block that holds the query is always kept; the blocks
// before it are ranked by raw scores (softmax and the scale 1/sqrt(d) would not change the order), ties go to the lower
// block. A NaN is no score: a block that has nothing else, and one whose scores are all -inf, ranks last. So blocks
// that are ranked are complete, whatever the query's own block holds.
//
// The three forms keep the same sets. `quantised` reads 8-bit keys, whose bounds decide nearly every block, and the
// exact keys of those that stay undecided. `hierarchical` first reads bounds of two blocks each and only the 8-bit keys
// of those that may still hold a kept block.
#pragma once

#include <cstdint>
#include <span>

#include "executor/attention/block_kernels.hpp"
#include "executor/attention/sequence.hpp"
#include "executor/attention/workspace.hpp"

namespace plimsoll::executor {

enum class IndexForm { exact, quantised, hierarchical };

// What was read, in bytes, summed over the reads: a block that several tiles of queries read counts for each.
struct IndexTraffic {
  std::int64_t exact_bytes = 0;      // index keys as they were appended
  std::int64_t quantised_bytes = 0;  // 8-bit blocks
  std::int64_t bound_bytes = 0;      // superblocks
  std::int64_t rescored = 0;         // blocks whose exact keys were read after their 8-bit ones, per query and group

  [[nodiscard]] std::int64_t bytes() const { return exact_bytes + quantised_bytes + bound_bytes; }
};

// Entries per query and group in the list of blocks.
[[nodiscard]] inline int selection_slots(const Selection& selection) {
  return selection.blocks + (selection.local == Selection::Local::beside ? 1 : 0);
}

struct IndexBranch {
  AttentionShape shape;
  Selection selection;
  IndexForm form = IndexForm::exact;
  Isa isa = Isa::portable;
};

// index_queries: [row][groups][index_size]. selected: [row][groups][selection_slots], ascending, -1 behind the last;
// rows are those of the runs. Throws Error(input) for runs that do not fit, or a cache without what the form reads.
IndexTraffic select_blocks(const IndexBranch& branch, std::span<const QueryRun> runs, const float* index_queries,
                           std::int32_t* selected, AttentionWorkspace& workspace, Team& team);

}  // namespace plimsoll::executor
