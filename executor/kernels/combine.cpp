#include "executor/kernels/combine.hpp"

#include <algorithm>
#include <cstddef>

namespace plimsoll::executor {
namespace {

// So many columns at a time: the compiler keeps their sums in registers.
constexpr int columns = 16;

void combine_block(const CombineWork& work, std::size_t token, int begin, int count) {
  const auto width = static_cast<std::size_t>(work.width);
  float sums[columns] = {};
  for (int j = 0; j < work.top_k; ++j) {
    const std::size_t part = token * static_cast<std::size_t>(work.top_k) + static_cast<std::size_t>(j);
    const float weight = work.weights[part];
    if (weight == 0) continue;
    const float* from = work.parts + part * width + begin;
    for (int c = 0; c < count; ++c) sums[c] += weight * from[c];
  }
  if (work.shared != nullptr) {
    const float gate = work.shared_gates != nullptr ? work.shared_gates[token] : 1.0F;
    const float* from = work.shared + token * width + begin;
    for (int c = 0; c < count; ++c) sums[c] += gate * from[c];
  }
  float* to = work.output + token * width + begin;
  for (int c = 0; c < count; ++c) to[c] += sums[c];
}

}  // namespace

void combine(const CombineWork& work, Team& team) {
  constexpr int tokens_per_chunk = 8;
  team.run((work.tokens + tokens_per_chunk - 1) / tokens_per_chunk, [&](int chunk, int) {
    const int end = std::min(work.tokens, (chunk + 1) * tokens_per_chunk);
    for (int token = chunk * tokens_per_chunk; token < end; ++token) {
      int begin = 0;
      for (; begin + columns <= work.width; begin += columns) {
        combine_block(work, static_cast<std::size_t>(token), begin, columns);
      }
      if (begin < work.width) combine_block(work, static_cast<std::size_t>(token), begin, work.width - begin);
    }
  });
}

}  // namespace plimsoll::executor
