#include "executor/routing/reference.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>

namespace plimsoll::executor::reference {
namespace {

std::vector<double> softmax(const std::vector<double>& values) {
  std::vector<double> finite;
  std::ranges::copy_if(values, std::back_inserter(finite), [](double value) { return !std::isnan(value); });
  std::vector<double> result(values.size(), std::nan(""));
  if (finite.empty()) return result;
  const double largest = std::ranges::max(finite);
  const auto exponential = [&](double value) { return value == largest ? 1.0 : std::exp(value - largest); };
  double sum = 0;
  for (const double value : finite) sum += exponential(value);
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!std::isnan(values[i])) result[i] = exponential(values[i]) / sum;
  }
  return result;
}

// All indices, best first: NaN last, equals in ascending order.
std::vector<std::int32_t> ranked(const std::vector<double>& values) {
  std::vector<std::int32_t> order(values.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, [&](std::int32_t left, std::int32_t right) {
    const double a = values[static_cast<std::size_t>(left)];
    const double b = values[static_cast<std::size_t>(right)];
    return !std::isnan(a) && (std::isnan(b) || a > b);
  });
  return order;
}

}  // namespace

TokenRouting route(const RouterShape& shape, std::span<const double> logits, std::span<const double> selection_bias) {
  std::vector<double> scores(logits.begin(), logits.end());
  if (shape.score == RouterScore::softmax_before) scores = softmax(scores);
  if (shape.score == RouterScore::sigmoid) {
    for (double& score : scores) score = 1 / (1 + std::exp(-score));
  }
  std::vector<double> ranks = scores;
  if (shape.selection_bias) {
    for (std::size_t i = 0; i < ranks.size(); ++i) ranks[i] += selection_bias[i];
  }

  const std::size_t size = ranks.size() / static_cast<std::size_t>(shape.groups);
  std::vector<double> group_scores;
  for (std::size_t begin = 0; begin < ranks.size(); begin += size) {
    std::vector<double> members(ranks.begin() + static_cast<std::ptrdiff_t>(begin),
                                ranks.begin() + static_cast<std::ptrdiff_t>(begin + size));
    for (double& member : members) member = std::isnan(member) ? -INFINITY : member;
    std::ranges::sort(members, std::greater<>());
    const bool two = shape.group_score == GroupScore::best_two && size > 1;
    group_scores.push_back(two ? members[0] + members[1] : members[0]);
  }
  std::vector<std::int32_t> kept = ranked(group_scores);
  kept.resize(static_cast<std::size_t>(shape.groups_kept));

  TokenRouting result;
  for (const std::int32_t expert : ranked(ranks)) {
    const auto group = static_cast<std::int32_t>(static_cast<std::size_t>(expert) / size);
    if (std::ranges::find(kept, group) == kept.end()) continue;
    if (result.experts.size() == static_cast<std::size_t>(shape.top_k)) break;
    result.experts.push_back(expert);
    result.weights.push_back(scores[static_cast<std::size_t>(expert)]);
  }
  if (shape.score == RouterScore::softmax_after) result.weights = softmax(result.weights);
  double over = 1;
  if (shape.renormalise) over = std::accumulate(result.weights.begin(), result.weights.end(), 1e-20);
  for (double& weight : result.weights) weight = weight / over * static_cast<double>(shape.scale);
  return result;
}

}  // namespace plimsoll::executor::reference
