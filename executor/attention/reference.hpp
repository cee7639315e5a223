// Attention in f64 by plain loops: what the kernels are tested against.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "executor/attention/shape.hpp"

namespace plimsoll::executor {

// Numbers are given in the order of the fields' names: keys [token][group][head_size], queries
// [token][head][head_size].
struct ReferenceInput {
  AttentionShape shape;
  double scale = 1;
  const float* keys = nullptr;
  const float* values = nullptr;
  const float* index_keys = nullptr;  // [token][index_size]
};

struct ReferenceRow {
  std::vector<double> output;  // [head_size]
  double log_sum = 0;          // ln of the sum of exp(score)
};

// One head's query at `position` over the keys 0..position for which kept(key) holds. `query` is [head_size].
[[nodiscard]] ReferenceRow reference_attention(const ReferenceInput& input, int head, const float* query, int position,
                                               const std::function<bool(int)>& kept);

// What sparse attention ranks: for each block before the one that holds `position`, the largest q . k of one index
// head, NaN left out, -inf if there is nothing else.
[[nodiscard]] std::vector<double> reference_block_scores(const ReferenceInput& input, const float* index_query,
                                                         int position);

// The blocks kept for a query in block `local`, ascending, from the scores of the blocks before it. Ties go to the
// lower block.
[[nodiscard]] std::vector<std::int32_t> reference_selection(const std::vector<double>& scores, int local,
                                                            const Selection& selection);

}  // namespace plimsoll::executor
