#include "executor/routing/apportion.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <string>

#include "executor/routing/largest_remainder.hpp"
#include "plimsoll/error.hpp"

namespace plimsoll::executor {

std::vector<TokenRange> apportion(const ExpertPlan& plan, int layer, std::span<const std::int64_t> counts) {
  const auto row = static_cast<std::size_t>(layer);
  const std::span<const int> slots = plan.slots.row(row);
  std::vector<std::vector<std::size_t>> columns(counts.size());
  for (std::size_t column = 0; column < slots.size(); ++column) {
    if (slots[column] >= 0) columns.at(static_cast<std::size_t>(slots[column])).push_back(column);
  }

  std::vector<TokenRange> ranges(slots.size());
  std::vector<double> weights;
  std::vector<std::int64_t> parts;
  for (std::size_t expert = 0; expert < counts.size(); ++expert) {
    if (counts[expert] == 0) continue;
    if (columns[expert].empty()) {
      throw Error(ErrorCode::input, "expert " + std::to_string(expert) + " of layer " + std::to_string(layer) +
                                        " has " + std::to_string(counts[expert]) + " tokens and no replica");
    }
    weights.clear();
    parts.clear();
    for (const std::size_t column : columns[expert]) {
      parts.push_back(plan.tokens.empty() ? 0 : plan.tokens.at(row, column));
      weights.push_back(plan.tokens.empty() ? plan.shares.at(row, column) : static_cast<double>(parts.back()));
    }
    if (std::accumulate(parts.begin(), parts.end(), std::int64_t{0}) != counts[expert]) {
      if (std::ranges::none_of(weights, [](double weight) { return weight > 0; })) std::ranges::fill(weights, 1.0);
      largest_remainder(counts[expert], weights, parts);
    }
    std::int64_t begin = 0;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      ranges[columns[expert][i]] = {begin, begin + parts[i]};
      begin += parts[i];
    }
  }
  return ranges;
}

}  // namespace plimsoll::executor
