// Dense causal attention over cached keys: softmax(q . k * scale) v over all keys up to the query's own position.
//
// Keys and values are read once per tile of queries and group, whatever the number of heads in the group. Where there
// are few tiles (decode), the chunks of a tile are shared out to the threads, and merged in a second pass.
#pragma once

#include <span>

#include "executor/attention/block_kernels.hpp"
#include "executor/attention/sequence.hpp"
#include "executor/attention/workspace.hpp"

namespace plimsoll::executor {

// queries, outputs: [row][query_heads][head_size], bf16 shapes round queries to bf16. log_sums, unless null:
// [row][query_heads], ln of the sum over keys of exp(q . k * scale). A row whose scores or values hold a NaN has a NaN,
// as has one with a score of +inf, or with none above -inf. Throws Error(input) for runs that do not fit.
void dense_attention(const AttentionShape& shape, const BlockKernels& kernels, float scale,
                     std::span<const QueryRun> runs, const float* queries, float* outputs, float* log_sums,
                     AttentionWorkspace& workspace, Team& team);

}  // namespace plimsoll::executor
