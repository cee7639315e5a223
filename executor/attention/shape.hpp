// The sizes of attention, and what may differ between models with sparse attention.
//
// Grouped queries: query_heads / groups heads share the keys and values of one group. The index branch of sparse
// attention (MiniMax Sparse Attention, arXiv 2606.13392) has one query head per group and one key head for all groups.
#pragma once

#include "executor/kernels/expert_shape.hpp"

namespace plimsoll::executor {

// Keys that are scored, selected and stored together.
inline constexpr int block_keys = 128;

struct AttentionShape {
  int query_heads = 64;
  int groups = 4;
  int head_size = 128;   // of queries, keys and values: a multiple of 16, at most 256
  int index_size = 128;  // of index queries and index keys, likewise; 0: no index branch
  NumberType type = NumberType::bf16;

  [[nodiscard]] int heads_per_group() const { return query_heads / groups; }
};

// Throws Error(input) for sizes that the kernels do not have.
void check(const AttentionShape& shape);

struct Selection {
  enum class Local {
    inside,  // the block that holds the query takes one of the `blocks`
    beside,  // it comes in addition to them
  };
  int blocks = 16;        // at least 1
  bool per_group = true;  // false: one selection for all groups, by the largest score of any index head
  Local local = Local::inside;
};

// Throws Error(input) where fewer than one block would be kept.
void check(const Selection& selection);

}  // namespace plimsoll::executor
