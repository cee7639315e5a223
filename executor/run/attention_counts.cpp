#include "executor/run/attention_counts.hpp"

#include <algorithm>
#include <cstdint>

#include "executor/attention/layout.hpp"
#include "executor/attention/quantised_keys.hpp"

namespace plimsoll::executor {
namespace {

// Summed over the sequences of a window.
struct Seen {
  double keys = 0;           // of all queries, in the main branch (of one group)
  double scored = 0;         // of all queries, in the index branch
  double distinct = 0;       // keys that some query of their sequence sees, at most
  double cached_blocks = 0;  // complete ones
};

Seen count(const AttentionLayerShape& shape, const AttentionRequest& request, int tokens) {
  const Selection& selection = shape.selection;
  const int others = selection.blocks - (selection.local == Selection::Local::inside ? 1 : 0);
  const std::vector<int> begin = rows_of_sequences(request, tokens);
  Seen seen;
  double once = 0;  // in the shared context
  for (std::size_t s = 0; s + 1 < begin.size(); ++s) {
    double keys = 0;
    const int rows = begin[s + 1] - begin[s];
    for (int row = 0; row < rows; ++row) {
      const int position = request.context + row;
      const int before = position / block_keys;
      const int kept = shape.sparse ? std::min(others, before) : before;
      keys += static_cast<double>(kept) * block_keys + position % block_keys + 1;
      seen.scored += static_cast<double>(before) * block_keys;
    }
    const double cached = static_cast<double>(request.context) + rows;
    seen.keys += keys;
    seen.cached_blocks += static_cast<double>((request.context + rows) / block_keys);
    seen.distinct += std::min(keys, cached);
    once += rows;
  }
  if (request.shared_context) seen.distinct = std::min(seen.distinct, once + request.context);
  return seen;
}

PartCounts projection(double inputs, double outputs, int tokens, NumberType type) {
  return {2 * inputs * outputs * tokens, inputs * outputs * static_cast<double>(bytes_of(type))};
}

}  // namespace

AttentionCounts attention_counts(const AttentionLayerShape& shape, const AttentionRequest& request, int tokens,
                                 const IndexTraffic& traffic) {
  AttentionCounts counts{};
  if (tokens == 0) return counts;
  const auto part = [&](AttentionPart which) -> PartCounts& { return counts[static_cast<std::size_t>(which)]; };
  const AttentionShape& of = shape.attention;
  const double heads = static_cast<double>(of.query_heads) * of.head_size;
  const double index = of.index_size > 0 ? (of.groups + 1.0) * of.index_size : 0;
  part(AttentionPart::project_in) =
      projection(shape.width, heads + 2.0 * of.groups * of.head_size + index, tokens, of.type);
  part(AttentionPart::project_out) = projection(heads, shape.width, tokens, of.type);

  const Seen seen = count(shape, request, tokens);
  const auto key_bytes = 2.0 * of.groups * of.head_size * static_cast<double>(bytes_of(of.type));
  part(AttentionPart::attend) = {4 * heads * seen.keys, key_bytes * seen.distinct};
  if (!shape.sparse) return counts;
  const auto at_most = [&](std::int64_t read, double block_bytes) {
    return std::min(static_cast<double>(read), seen.cached_blocks * block_bytes);
  };
  // A superblock of two blocks has two f32 numbers for each dimension, and two more.
  part(AttentionPart::index) = {
      2.0 * of.groups * of.index_size * seen.scored,
      at_most(traffic.exact_bytes, static_cast<double>(panels_bytes(of.type, of.index_size))) +
          at_most(traffic.quantised_bytes, static_cast<double>(quantised_block_bytes(of.index_size))) +
          at_most(traffic.bound_bytes, 4.0 * of.index_size + 4)};
  return counts;
}

}  // namespace plimsoll::executor
