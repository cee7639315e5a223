// The main branch of sparse attention: softmax(q . k * scale) v over the visible keys of the blocks that each query and
// group selected. Two orders of the same sums, hence the same bits:
//   by_query  a query's blocks one after another; a block is read for each query that selected it
//   by_block  an inverse index gives the queries of each block, which is read once for many of them; every (query,
//   block)
//             has a slot of its own for its sums, and a second pass merges the slots: no atomics
#pragma once

#include <cstdint>
#include <span>

#include "executor/attention/block_kernels.hpp"
#include "executor/attention/sequence.hpp"
#include "executor/attention/workspace.hpp"

namespace plimsoll::executor {

enum class SparseOrder { by_query, by_block };

// selected: [row][groups][slots], ascending blocks up to the query's own, -1 behind the last, at least one each; see
// index_branch.hpp. The rest as dense_attention().
void sparse_attention(const AttentionShape& shape, const BlockKernels& kernels, float scale, SparseOrder order,
                      std::span<const QueryRun> runs, const float* queries, const std::int32_t* selected, int slots,
                      float* outputs, float* log_sums, AttentionWorkspace& workspace, Team& team);

// The two orders, by their own names.
void sparse_by_query(const AttentionShape& shape, const BlockKernels& kernels, float scale,
                     std::span<const QueryRun> runs, const float* queries, const std::int32_t* selected, int slots,
                     float* outputs, float* log_sums, AttentionWorkspace& workspace, Team& team);
void sparse_by_block(const AttentionShape& shape, const BlockKernels& kernels, float scale,
                     std::span<const QueryRun> runs, const float* queries, const std::int32_t* selected, int slots,
                     float* outputs, float* log_sums, AttentionWorkspace& workspace, Team& team);

}  // namespace plimsoll::executor
