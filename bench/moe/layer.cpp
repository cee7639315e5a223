#include "bench/moe/layer.hpp"

#include <algorithm>

#include "support/random.hpp"

namespace plimsoll::bench {

Batch make_batch(const Layer& layer, int tokens, int call) {
  Batch batch;
  batch.tokens = tokens;
  support::Random random(layer.seed, static_cast<std::uint64_t>(tokens));
  const auto width = static_cast<std::size_t>(layer.shape.width);
  batch.input.resize(static_cast<std::size_t>(tokens) * width);
  for (float& value : batch.input) value = static_cast<float>(random.uniform() * 2 - 1);
  batch.rows_of.resize(static_cast<std::size_t>(layer.experts));
  batch.parts_of.resize(static_cast<std::size_t>(layer.experts));
  std::vector<int> order(static_cast<std::size_t>(layer.experts));
  for (std::size_t e = 0; e < order.size(); ++e) order[e] = static_cast<int>(e);
  for (int token = 0; token < tokens; ++token) {
    for (int j = 0; j < layer.top_k; ++j) {
      const std::size_t pick = static_cast<std::size_t>(j) + random.below(order.size() - static_cast<std::size_t>(j));
      std::swap(order[static_cast<std::size_t>(j)], order[pick]);
      const auto expert =
          static_cast<std::size_t>((order[static_cast<std::size_t>(j)] + call * layer.top_k) % layer.experts);
      batch.rows_of[expert].push_back(token);
      batch.parts_of[expert].push_back(token * layer.top_k + j);
    }
  }
  batch.active = static_cast<int>(
      std::count_if(batch.rows_of.begin(), batch.rows_of.end(), [](const auto& rows) { return !rows.empty(); }));
  return batch;
}

}  // namespace plimsoll::bench
