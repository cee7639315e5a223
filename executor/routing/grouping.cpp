#include "executor/routing/grouping.hpp"

#include <cstddef>

namespace plimsoll::executor {

void group_by_expert(const Routing& routing, int experts, ExpertTokens& grouped) {
  const auto count = static_cast<std::size_t>(experts);
  grouped.begin.assign(count + 1, 0);
  for (const std::int32_t expert : routing.experts) {
    if (expert >= 0) ++grouped.begin[static_cast<std::size_t>(expert)];
  }
  std::int32_t sum = 0;
  for (std::int32_t& begin : grouped.begin) {
    const std::int32_t size = begin;
    begin = sum;
    sum += size;
  }
  grouped.tokens.resize(static_cast<std::size_t>(sum));
  grouped.parts.resize(static_cast<std::size_t>(sum));
  for (std::size_t part = 0; part < routing.experts.size(); ++part) {
    if (routing.experts[part] < 0) continue;
    const auto place = static_cast<std::size_t>(grouped.begin[static_cast<std::size_t>(routing.experts[part])]++);
    grouped.tokens[place] = static_cast<std::int32_t>(part / static_cast<std::size_t>(routing.top_k));
    grouped.parts[place] = static_cast<std::int32_t>(part);
  }
  // Each beginning has run up to the next one.
  for (std::size_t expert = count; expert > 0; --expert) grouped.begin[expert] = grouped.begin[expert - 1];
  grouped.begin[0] = 0;
}

}  // namespace plimsoll::executor
