#include "executor/attention/reference.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace plimsoll::executor {

ReferenceRow reference_attention(const ReferenceInput& input, int head, const float* query, int position,
                                 const std::function<bool(int)>& kept) {
  const auto size = static_cast<std::size_t>(input.shape.head_size);
  const auto groups = static_cast<std::size_t>(input.shape.groups);
  const auto group = static_cast<std::size_t>(head / input.shape.heads_per_group());
  std::vector<std::size_t> rows;
  std::vector<double> scores;
  double maximum = -std::numeric_limits<double>::infinity();
  for (int key = 0; key <= position; ++key) {
    if (!kept(key)) continue;
    const std::size_t row = (static_cast<std::size_t>(key) * groups + group) * size;
    double score = 0;
    for (std::size_t d = 0; d < size; ++d)
      score += static_cast<double>(query[d]) * static_cast<double>(input.keys[row + d]);
    score *= input.scale;
    rows.push_back(row);
    scores.push_back(score);
    if (score > maximum) maximum = score;
  }
  ReferenceRow result{std::vector<double>(size, 0.0), 0};
  double sum = 0;
  for (std::size_t k = 0; k < rows.size(); ++k) {
    const double weight = std::exp(scores[k] - maximum);
    sum += weight;
    for (std::size_t d = 0; d < size; ++d) result.output[d] += weight * static_cast<double>(input.values[rows[k] + d]);
  }
  for (double& number : result.output) number /= sum;
  result.log_sum = maximum + std::log(sum);
  return result;
}

std::vector<double> reference_block_scores(const ReferenceInput& input, const float* index_query, int position) {
  const auto size = static_cast<std::size_t>(input.shape.index_size);
  std::vector<double> scores(static_cast<std::size_t>(position / block_keys), -std::numeric_limits<double>::infinity());
  for (std::size_t key = 0; key < scores.size() * block_keys; ++key) {
    double score = 0;
    for (std::size_t d = 0; d < size; ++d) {
      score += static_cast<double>(index_query[d]) * static_cast<double>(input.index_keys[key * size + d]);
    }
    if (score > scores[key / block_keys]) scores[key / block_keys] = score;
  }
  return scores;
}

std::vector<std::int32_t> reference_selection(const std::vector<double>& scores, int local,
                                              const Selection& selection) {
  std::vector<std::int32_t> order(static_cast<std::size_t>(local));
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](std::int32_t a, std::int32_t b) {
    return scores[static_cast<std::size_t>(a)] > scores[static_cast<std::size_t>(b)];
  });
  const int others = selection.blocks - (selection.local == Selection::Local::inside ? 1 : 0);
  order.resize(static_cast<std::size_t>(std::min(others, local)));
  order.push_back(local);
  std::sort(order.begin(), order.end());
  return order;
}

}  // namespace plimsoll::executor
