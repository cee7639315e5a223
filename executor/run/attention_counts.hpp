// What the attention of one window has to do at least: the numbers that times are held against.
#pragma once

#include <array>
#include <cstddef>

#include "executor/run/attention_request.hpp"

namespace plimsoll::executor {

struct PartCounts {
  double flops = 0;
  double bytes = 0;  // both 0: not counted
};

// By AttentionPart.
using AttentionCounts = std::array<PartCounts, static_cast<std::size_t>(AttentionPart::count)>;

// Projections: 2 inputs outputs for each row; their weights once. Attend: 4 head_size for each query head and key that
// a query sees; keys and values are counted once for a sequence and group, those of a shared context once for all.
// Index: 2 index_size for each group and key of the blocks before a query's own, as if every key were scored; bytes as
// they were read (`traffic`), no part of the cache more than once for a sequence.
[[nodiscard]] AttentionCounts attention_counts(const AttentionLayerShape& shape, const AttentionRequest& request,
                                               int tokens, const IndexTraffic& traffic);

// The attention half of one window.
struct WindowAttention {
  double seconds = 0;
  AttentionTimes times;
  AttentionCounts counts;
};

}  // namespace plimsoll::executor
